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

    /** As {@link #repeat}, after a copy of the one pod in which they are. */
    Set<String> repeatContainers(String pod, String id, int count) throws IOException {
        copyRecords("pods/" + pod);
        return repeat("containers", id, count);
    }

    /** The pod or container under {@code count} other ids, and other names. */
    Set<String> repeat(String kind, String id, int count) throws IOException {
        var record = Files.readString(from.resolve(kind).resolve(id).resolve("record.json"));
        var status = Files.readString(from.resolve(kind).resolve(id).resolve("status.json"));
        var ids = new LinkedHashSet<String>();
        for (var number = 0; number < count; number++) {
            var other = "%064x".formatted(number + 1);
            var directory = Files.createDirectories(root.resolve(kind).resolve(other));
            Files.writeString(
                    directory.resolve("record.json"),
                    sealed(record.replace(id, other).replace("\"many\"", "\"many-" + number + "\"")));
            Files.writeString(directory.resolve("status.json"), sealed(status.replace(id, other)));
            ids.add(other);
        }
        return ids;
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

    private void copyRecords(String directory) throws IOException {
        Files.createDirectories(root.resolve(directory));
        for (var name : List.of("record.json", "status.json")) {
            Files.copy(
                    from.resolve(directory).resolve(name),
                    root.resolve(directory).resolve(name));
        }
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
