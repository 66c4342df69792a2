package io.keelson.e2e.node;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * That nothing is left: what a node has on the machine now and did not have before. It looks at what is this node's alone, since
 * others may be at work on the same machine:
 *
 * <ul>
 *   <li>processes that name the node's directory in their arguments or environment, or have it among the mounts of a mount
 *       namespace that is not ours;
 *   <li>mounts below the directory, pinned namespaces among them;
 *   <li>interfaces on the node's bridge, and leases of its addresses;
 *   <li>rules of nftables that name its subnet;
 *   <li>cgroups below the node's parent;
 *   <li>files below the directory.
 * </ul>
 */
public final class Leftovers {
    private static final Duration SETTLE = Duration.ofSeconds(5);
    private static final Path PROC = Path.of("/proc");
    private static final Path CGROUPS = Path.of("/sys/fs/cgroup");

    private final NodePlace place;
    private final Predicate<String> expectedFile;
    private final SortedSet<String> before;

    private Leftovers(NodePlace place, Predicate<String> expectedFile) throws IOException, InterruptedException {
        this.place = place;
        this.expectedFile = expectedFile;
        before = look();
    }

    /** Remembers how it is now. {@code expectedFile} names files and mounts, relative to the node's directory, meant to stay. */
    public static Leftovers before(NodePlace place, Predicate<String> expectedFile)
            throws IOException, InterruptedException {
        return new Leftovers(place, expectedFile);
    }

    /** Fails if anything is there that was not, after a moment for what ends by itself. */
    public void assertNone() throws IOException, InterruptedException {
        var deadline = System.nanoTime() + SETTLE.toNanos();
        var left = added();
        while (!left.isEmpty() && System.nanoTime() < deadline) {
            TimeUnit.MILLISECONDS.sleep(100);
            left = added();
        }
        if (!left.isEmpty()) {
            throw new AssertionError("left behind:\n  " + String.join("\n  ", left));
        }
    }

    /**
     * How many there are now, those from before among them, by their kind: {@code process}, {@code mount}, {@code interface}, {@code lease},
     * {@code cgroup}, {@code file}. A kind of which there are none is absent.
     */
    public Map<String, Long> counts() throws IOException, InterruptedException {
        return look().stream()
                .collect(Collectors.groupingBy(each -> each.substring(0, each.indexOf(' ')), Collectors.counting()));
    }

    private SortedSet<String> added() throws IOException, InterruptedException {
        var now = look();
        now.removeAll(before);
        return now;
    }

    private SortedSet<String> look() throws IOException, InterruptedException {
        var found = new TreeSet<String>();
        processesOf(place).stream().filter(process -> !isDaemon(process)).forEach(found::add);
        mounts(found);
        network(found);
        cgroups(found);
        files(found);
        return found;
    }

    /** The processes that are the node's, as {@code process <pid>: <arguments>}. */
    static SortedSet<String> processesOf(NodePlace place) throws IOException {
        var found = new TreeSet<String>();
        var name = place.directory() + "/";
        var ours = mountNamespace(PROC.resolve("self"));
        for (var process : children(PROC)) {
            var pid = process.getFileName().toString();
            if (!pid.chars().allMatch(Character::isDigit) || isWatcher(Long.parseLong(pid))) {
                continue;
            }
            var arguments = text(process.resolve("cmdline")).replace('\0', ' ').strip();
            var elsewhere = !mountNamespace(process).equals(ours);
            if (arguments.contains(name)
                    || text(process.resolve("environ")).contains(name)
                    || (elsewhere && text(process.resolve("mountinfo")).contains(name))) {
                found.add("process " + pid + ": " + arguments);
            }
        }
        return found;
    }

    /** The daemon itself may be another one than before. */
    private boolean isDaemon(String process) {
        return process.contains("io.keelson.server.Main --config=" + place.directory() + "/");
    }

    /** This process and those that wait for it. */
    private static boolean isWatcher(long pid) {
        for (var each = Optional.of(ProcessHandle.current());
                each.isPresent();
                each = each.get().parent()) {
            if (each.get().pid() == pid) {
                return true;
            }
        }
        return false;
    }

    private void mounts(SortedSet<String> found) {
        text(PROC.resolve("self/mountinfo"))
                .lines()
                .map(line -> line.split(" ", 6)[4])
                .filter(this::mentions)
                .filter(point -> !expectedFile.test(relative(Path.of(point))))
                .forEach(point -> found.add("mount " + point));
    }

    private void network(SortedSet<String> found) throws IOException, InterruptedException {
        for (var port : children(Path.of("/sys/class/net", place.bridge(), "brif"))) {
            found.add("interface " + port.getFileName() + " on " + place.bridge());
        }
        for (var namespace : children(Path.of("/run/netns"))) {
            found.add("network namespace " + namespace);
        }
        try (var leases = Files.exists(place.leases()) ? Files.walk(place.leases()) : Stream.<Path>empty()) {
            leases.map(path -> path.getFileName().toString())
                    .filter(place::namesAddress)
                    .forEach(address -> found.add("lease of " + address));
        }
        Program.run(place.directory(), List.of("nft", "list", "ruleset"))
                .expectSuccess()
                .lines()
                .filter(place::namesAddress)
                .forEach(rule -> found.add("nftables " + rule.strip()));
    }

    private void cgroups(SortedSet<String> found) throws IOException {
        var roots = new ArrayList<>(children(CGROUPS));
        roots.add(CGROUPS);
        for (var root : roots) {
            var parent = root.resolve(place.cgroupParent().substring(1));
            if (Files.isDirectory(parent)) {
                try (var walk = Files.walk(parent)) {
                    walk.filter(path -> Files.isDirectory(path) && !path.equals(parent))
                            .forEach(path -> found.add("cgroup " + path));
                } catch (UncheckedIOException e) {
                    // One that goes while we look.
                }
            }
        }
    }

    private void files(SortedSet<String> found) throws IOException {
        for (var tree : place.trees()) {
            if (!Files.isDirectory(tree)) {
                continue;
            }
            try (var walk = Files.walk(tree)) {
                walk.map(this::relative)
                        .filter(name -> !isHistory(name) && !expectedFile.test(name))
                        .forEach(name -> found.add("file " + name));
            } catch (UncheckedIOException e) {
                // A file that goes while we look: the next look tells.
            }
        }
    }

    /** What is kept of pods that are gone is kept on purpose, and has limits. */
    private static boolean isHistory(String name) {
        return Path.of(name).startsWith(Path.of("root", "history"));
    }

    private String relative(Path path) {
        return place.directory().relativize(path).toString();
    }

    private boolean mentions(String text) {
        return text.contains(place.directory() + "/");
    }

    private static String mountNamespace(Path process) {
        try {
            return Files.readSymbolicLink(process.resolve("ns/mnt")).toString();
        } catch (IOException e) {
            return "";
        }
    }

    /** Empty for what has just ended, or never was. */
    private static String text(Path file) {
        try {
            return new String(Files.readAllBytes(file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    private static List<Path> children(Path directory) throws IOException {
        if (!Files.isDirectory(directory, LinkOption.NOFOLLOW_LINKS)) {
            return List.of();
        }
        try (var list = Files.list(directory)) {
            return list.toList();
        }
    }
}
