package io.keelson.e2e.node;

import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.ThreadLocalRandom;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/**
 * Where a node has its things, apart from every other node on the machine: a directory, a bridge with a subnet of 1022 addresses, and
 * a parent for its cgroups.
 *
 * @param subnetPrefix what its first 255 addresses begin with
 */
public record NodePlace(Path directory, String bridge, String subnetPrefix, String cgroupParent) {
    private static final int NUMBERS = 0x10000;

    /** A place with names of its own, among them that of the run, {@code keelson.run}. */
    public static NodePlace below(Path directory) {
        var random = ThreadLocalRandom.current();
        var number = random.nextInt(NUMBERS);
        return new NodePlace(
                directory,
                "kle%04x".formatted(number),
                "10.%d.%d.".formatted(200 + random.nextInt(50), 4 * random.nextInt(64)),
                "/keelson-%s-%04x".formatted(System.getProperty("keelson.run", "e2e"), number));
    }

    /** What outlives a reboot. */
    public Path root() {
        return directory.resolve("root");
    }

    /** What does not. */
    public Path state() {
        return directory.resolve("state");
    }

    /** The addresses that host-local has given. */
    public Path leases() {
        return directory.resolve("leases");
    }

    /** Where pods are told to log. */
    public Path logs() {
        return directory.resolve("logs");
    }

    /** The runtime's own log. */
    public Path daemonLog() {
        return directory.resolve("daemon.log");
    }

    /** Where the runtime is started; nothing shall be written there. */
    public Path workingDirectory() {
        return directory.resolve("cwd");
    }

    /** The directory of CNI configurations. */
    public Path networks() {
        return directory.resolve("cni");
    }

    /** A directory for CNI plugins of its own, looked into before the machine's. */
    public Path plugins() {
        return directory.resolve("plugins");
    }

    /** The CRI socket. */
    public Path socket() {
        return directory.resolve("cri.sock");
    }

    /** Whether the text has an address of the subnet in it; each of the four numbers at the third place is as good. */
    public boolean namesAddress(String text) {
        var numbers = subnetPrefix.split("\\.", -1);
        var third = Integer.parseInt(numbers[2]);
        var thirds =
                IntStream.range(third, third + 4).mapToObj(Integer::toString).collect(Collectors.joining("|"));
        return Pattern.compile("\\b%s\\.%s\\.(%s)\\.\\d".formatted(numbers[0], numbers[1], thirds))
                .matcher(text)
                .find();
    }

    /** The host's address on the bridge. */
    public String gateway() {
        return subnetPrefix + "1";
    }

    /** The trees in which files of the runtime may be. */
    List<Path> trees() {
        return List.of(root(), state(), workingDirectory());
    }
}
