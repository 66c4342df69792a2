package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.zip.CRC32C;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/** Records as a daemon wrote them, many times over, on a root in memory for a daemon that is started afterwards. */
final class ManyRecords {
    private static final JsonMapper JSON = JsonMapper.shared();

    private final Path from;
    private final Path root;

    private ManyRecords(Path from, Path root) {
        this.from = from;
        this.root = root;
    }

    /** @param from the root of a daemon that has ended */
    static ManyRecords in(Path from, Path root) throws IOException, InterruptedException {
        Files.createDirectories(root);
        Program.run(root.getParent(), List.of("mount", "-t", "tmpfs", "-o", "mode=700", "tmpfs", root.toString()))
                .expectSuccess();
        return new ManyRecords(from, root);
    }

    /** The pod, which is stopped, under {@code count} other ids, and other names. */
    Set<String> repeatPods(String id, int count) throws IOException {
        var journal = Files.readAllLines(from.resolve(journal(id)));
        var ids = new LinkedHashSet<String>();
        Files.createDirectories(root.resolve("pods"));
        for (var number = 0; number < count; number++) {
            var other = "%064x".formatted(number + 1);
            Files.writeString(
                    root.resolve(journal(other)),
                    copy(journal.getFirst(), id, number) + "\n" + copy(journal.getLast(), id, number) + "\n");
            ids.add(other);
        }
        return ids;
    }

    /** The file that has all of a pod, in a daemon's root. */
    static String journal(String pod) {
        return "pods/" + pod + ".json";
    }

    /** Leaves of a pod what a daemon leaves that is killed before the pod is ready. */
    static void forgetStatus(Path root, String pod) throws IOException {
        var journal = root.resolve(journal(pod));
        Files.writeString(journal, Files.readAllLines(journal).getFirst() + "\n");
    }

    /** The container under {@code count} other ids, and other names, after a copy of the one pod in which they are. */
    Set<String> repeatContainers(String pod, String id, int count) throws IOException {
        Files.createDirectories(root.resolve("pods"));
        Files.copy(from.resolve(journal(pod)), root.resolve(journal(pod)));
        var ids = new LinkedHashSet<String>();
        for (var number = 0; number < count; number++) {
            var other = "%064x".formatted(number + 1);
            var directory = Files.createDirectories(root.resolve("containers").resolve(other));
            for (var name : List.of("record.json", "status.json")) {
                var record =
                        Files.readString(from.resolve("containers").resolve(id).resolve(name));
                Files.writeString(directory.resolve(name), copy(record, id, number));
            }
            ids.add(other);
        }
        return ids;
    }

    private static String copy(String record, String id, int number) {
        return sealed(record.replace(id, "%064x".formatted(number + 1)).replace("\"many\"", "\"many-" + number + "\""));
    }

    /** The image under {@code count} other ids: white space at the end of its configuration makes it another one. */
    Set<String> repeatImage(String id, int count) throws IOException {
        copyTree(from, root, "layers");
        copyTree(from, root, "images");
        var hex = id.substring("sha256:".length());
        var config = Files.readString(from.resolve("images/blobs/sha256").resolve(hex));
        var record = (ObjectNode)
                JSON.readTree(Files.readString(from.resolve("image-records").resolve("sha256-" + hex + ".json")));
        var digest = ((ArrayNode) record.get("repoDigests")).get(0).stringValue();
        var records = Files.createDirectories(root.resolve("image-records"));
        var ids = new LinkedHashSet<String>();
        for (var number = 0; number < count; number++) {
            var bytes = (config + " ".repeat(number % 200) + "\n".repeat(1 + number / 200))
                    .getBytes(StandardCharsets.UTF_8);
            var other = sha256(bytes);
            Files.write(root.resolve("images/blobs/sha256").resolve(other), bytes);
            var copy = record.deepCopy();
            copy.put("id", "sha256:" + other);
            copy.put("generation", number + 1);
            copy.putArray("repoTags").add("registry.example/many/image-" + number + ":1");
            var digests = copy.putArray("repoDigests");
            names(number).forEach(name -> digests.add(name + digest.substring(digest.indexOf('@'))));
            Files.writeString(records.resolve("sha256-" + other + ".json"), sealed(JSON.writeValueAsString(copy)));
            ids.add("sha256:" + other);
        }
        return ids;
    }

    /** With the checksum of what it says now. */
    static String sealed(String record) {
        var rest = record.substring(record.indexOf(',') + 1);
        var checksum = new CRC32C();
        checksum.update(rest.getBytes(StandardCharsets.UTF_8));
        return "{\"crc32c\":\"%08x\",".formatted(checksum.getValue()) + rest;
    }

    /** Long ones, so that the list is long. */
    private static List<String> names(int number) {
        return IntStream.range(0, 4)
                .mapToObj(mirror -> "mirror-" + mirror + ".example/" + "many/".repeat(30) + "image-" + number)
                .toList();
    }

    static void copyTree(Path from, Path to, String directory) throws IOException {
        try (var walk = Files.walk(from.resolve(directory))) {
            for (var path : walk.toList()) {
                Files.copy(path, to.resolve(from.relativize(path).toString()));
            }
        }
    }

    private static String sha256(byte[] bytes) {
        try {
            return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new AssertionError(e);
        }
    }
}
