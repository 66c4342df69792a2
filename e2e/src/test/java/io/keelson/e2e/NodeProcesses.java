package io.keelson.e2e;

import io.keelson.e2e.node.NodePlace;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** What the kernel says of a node's processes, sockets and mounts (proc(5)). */
final class NodeProcesses {
    private static final Path PROC = Path.of("/proc");
    private static final int TYPE = 0170000;
    private static final int SOCKET = 0140000;
    private static final String LISTENING = "0A";

    private NodeProcesses() {}

    /** The monitors of all containers. */
    static List<Long> monitors(NodePlace place) throws IOException {
        return monitors(place.directory());
    }

    /** Those that have their files below the directory. */
    static List<Long> monitors(Path directory) throws IOException {
        return all().filter(pid -> {
                    var arguments = arguments(pid);
                    return arguments.startsWith("/usr/bin/conmon\0") && arguments.contains(directory + "/");
                })
                .toList();
    }

    /** The monitor of one container. */
    static long monitor(NodePlace place, String container) throws IOException {
        return monitors(place).stream()
                .filter(pid -> arguments(pid).contains(container))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no monitor of " + container));
    }

    /** What a monitor has started, and not ended. */
    static long onlyChild(long pid) throws IOException {
        var children = Files.readString(PROC.resolve(pid + "/task/" + pid + "/children"))
                .strip();
        return Long.parseLong(children);
    }

    /** A process that has ended does not run, also as long as its parent, or the machine's first process, has not waited for it. */
    static boolean runs(long pid) {
        return state(pid).filter(state -> state != 'Z' && state != 'X').isPresent();
    }

    /** Those in the container's control groups that wait in the kernel, and that no signal ends (state D of proc_pid_stat(5)). */
    static Set<Long> uninterruptible(String container) throws IOException {
        return all().filter(pid -> state(pid).filter(state -> state == 'D').isPresent())
                .filter(pid -> text(pid, "cgroup").contains(container))
                .collect(Collectors.toSet());
    }

    /** Of proc_pid_stat(5). */
    private static Optional<Character> state(long pid) {
        try {
            var stat = Files.readString(PROC.resolve(pid + "/stat"), StandardCharsets.ISO_8859_1);
            return Optional.of(stat.charAt(stat.lastIndexOf(')') + 2));
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Stream<Long> all() throws IOException {
        try (var processes = Files.list(PROC)) {
            return processes
                    .map(path -> path.getFileName().toString())
                    .filter(name -> name.chars().allMatch(Character::isDigit))
                    .map(Long::valueOf)
                    .toList()
                    .stream();
        }
    }

    private static String arguments(long pid) {
        return text(pid, "cmdline");
    }

    private static String text(long pid, String file) {
        try {
            return Files.readString(PROC.resolve(pid + "/" + file), StandardCharsets.ISO_8859_1);
        } catch (IOException e) {
            return "";
        }
    }

    /** The open files of a process, as {@code 3 /path}, {@code 4 pipe:[123]}. */
    static Set<String> descriptors(long pid) throws IOException {
        var found = new TreeSet<String>();
        try (var descriptors = Files.list(PROC.resolve(pid + "/fd"))) {
            for (var descriptor : descriptors.toList()) {
                target(descriptor).ifPresent(target -> found.add(descriptor.getFileName() + " " + target));
            }
        }
        return found;
    }

    /** Empty for one that has just been closed. */
    private static Optional<Path> target(Path descriptor) throws IOException {
        try {
            return Optional.of(Files.readSymbolicLink(descriptor));
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    static Set<String> socketInodes(long pid) throws IOException {
        var found = new HashSet<String>();
        for (var descriptor : descriptors(pid)) {
            if (descriptor.contains("socket:[")) {
                found.add(descriptor.substring(descriptor.indexOf('[') + 1, descriptor.indexOf(']')));
            }
        }
        return found;
    }

    static boolean isSocket(Path file) {
        try {
            return ((int) Files.getAttribute(file, "unix:mode", LinkOption.NOFOLLOW_LINKS) & TYPE) == SOCKET;
        } catch (IOException e) {
            return false;
        }
    }

    /** Where a process listens for TCP. */
    static Set<String> listeningAddresses(long pid) throws IOException {
        var own = socketInodes(pid);
        var found = new TreeSet<String>();
        for (var table : List.of("tcp", "tcp6")) {
            for (var line : Files.readAllLines(PROC.resolve(pid + "/net/" + table))) {
                var fields = line.strip().split(" +", -1);
                if (fields.length > 9 && fields[3].equals(LISTENING) && own.contains(fields[9])) {
                    found.add(address(fields[1].substring(0, fields[1].indexOf(':'))));
                }
            }
        }
        return found;
    }

    /** In words of four bytes, each in the machine's order. */
    private static String address(String hex) throws IOException {
        var words = ByteBuffer.wrap(HexFormat.of().parseHex(hex)).order(ByteOrder.nativeOrder());
        var bytes = ByteBuffer.allocate(words.capacity());
        while (words.hasRemaining()) {
            bytes.putInt(words.getInt());
        }
        return InetAddress.getByAddress(bytes.array()).getHostAddress();
    }

    /** Where something is mounted below the directory. */
    static List<String> mountsBelow(Path directory) throws IOException {
        return mounts().map(fields -> fields[4])
                .filter(point -> point.startsWith(directory + "/"))
                .toList();
    }

    /** Those that are pinned below the directory, as {@code ipc:[123]}. */
    static List<String> ipcNamespacesBelow(Path directory) throws IOException {
        return mounts().filter(fields -> fields[4].startsWith(directory + "/") && fields[3].startsWith("ipc:["))
                .map(fields -> fields[3])
                .toList();
    }

    /** Those that some process is in, or that are pinned somewhere. */
    static Set<String> ipcNamespaces() throws IOException {
        var found = new HashSet<>(ipcNamespacesBelow(Path.of("")));
        found.addAll(namespaces("ipc"));
        return found;
    }

    /** Those of this kind that some process is in, as {@code pid:[123]}. */
    static Set<String> namespaces(String kind) throws IOException {
        return all().map(pid -> namespace(pid, kind)).flatMap(Optional::stream).collect(Collectors.toSet());
    }

    /** Empty for a process that has ended. */
    static Optional<String> namespace(long pid, String kind) {
        try {
            return Optional.of(
                    Files.readSymbolicLink(PROC.resolve(pid + "/ns/" + kind)).toString());
        } catch (IOException e) {
            return Optional.empty();
        }
    }

    private static Stream<String[]> mounts() throws IOException {
        return Files.readString(PROC.resolve("self/mountinfo")).lines().map(line -> line.split(" "));
    }
}
