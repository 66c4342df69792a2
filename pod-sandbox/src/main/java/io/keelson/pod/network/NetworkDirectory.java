package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The network configurations of the node: the first file by name, in the first directory that has a usable one, is the network
 * of its pods. Files are read again when a listing of the directories shows a change, so that what an operator drops there
 * counts at once, and asking costs a few calls of stat(2).
 */
final class NetworkDirectory {
    private static final Logger log = LoggerFactory.getLogger(NetworkDirectory.class);
    private static final List<String> SUFFIXES = List.of(".conf", ".conflist", ".json");

    /** A file as it was when it was looked at. */
    private record Stamp(
            Path file,
            FileTime modified,
            long size,
            @Nullable Object inode) {}

    private record Loaded(List<Stamp> stamps, Optional<NetworkConfiguration> network, String problem) {}

    private final List<Path> directories;
    private volatile Loaded loaded = new Loaded(List.of(), Optional.empty(), "");
    private volatile boolean everLoaded;

    NetworkDirectory(List<Path> directories) {
        this.directories = directories;
    }

    /** @throws Failure UNAVAILABLE, saying what is wrong with which file, if there is no usable configuration now */
    NetworkConfiguration current() {
        var now = refreshed();
        return now.network().orElseThrow(() -> Failure.unavailable(now.problem()));
    }

    /** Absent if there is no usable configuration now. */
    Optional<NetworkConfiguration> find() {
        return refreshed().network();
    }

    private Loaded refreshed() {
        var stamps = directories.stream().flatMap(NetworkDirectory::stamps).toList();
        if (!everLoaded || !loaded.stamps().equals(stamps)) {
            reload(stamps);
        }
        return loaded;
    }

    private synchronized void reload(List<Stamp> stamps) {
        if (everLoaded && loaded.stamps().equals(stamps)) {
            return;
        }
        loaded = load(stamps);
        everLoaded = true;
        loaded.network()
                .ifPresentOrElse(
                        network -> log.atInfo()
                                .addKeyValue("event", "network-configured")
                                .addKeyValue("network", network.name())
                                .addKeyValue("cniVersion", network.version())
                                .log("pods are attached to network {}", network.name()),
                        () -> log.atWarn()
                                .addKeyValue("event", "network-missing")
                                .log("no network for pods: {}", loaded.problem()));
    }

    private Loaded load(List<Stamp> stamps) {
        var problems = new ArrayList<String>();
        for (var stamp : stamps) {
            try {
                return new Loaded(stamps, Optional.of(read(stamp.file())), "");
            } catch (Failure e) {
                problems.add(stamp.file() + ": " + e.getMessage());
            }
        }
        var where = directories.stream().map(Path::toString).collect(Collectors.joining(", "));
        var problem = problems.isEmpty()
                ? "no network configuration (CNI) in " + where
                : "no usable network configuration (CNI): " + String.join("; ", problems);
        return new Loaded(stamps, Optional.empty(), problem);
    }

    private static NetworkConfiguration read(Path file) {
        try (var in = Files.newInputStream(file)) {
            var bytes = in.readNBytes(NetworkConfiguration.LIMIT_BYTES + 1);
            if (bytes.length > NetworkConfiguration.LIMIT_BYTES) {
                throw Failure.invalid("larger than " + NetworkConfiguration.LIMIT_BYTES + " bytes");
            }
            return NetworkConfiguration.parse(bytes);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, "cannot be read: " + e.getMessage(), e);
        }
    }

    /** The candidates of one directory, by name. */
    private static Stream<Stamp> stamps(Path directory) {
        var stamps = new ArrayList<Stamp>();
        try (var files = Files.newDirectoryStream(directory, NetworkDirectory::isCandidate)) {
            for (var file : files) {
                stamp(file).ifPresent(stamps::add);
            }
        } catch (NoSuchFileException | NotDirectoryException e) {
            return Stream.empty();
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("event", "network-directory-unreadable")
                    .addKeyValue("directory", directory)
                    .log("cannot list {}: {}", directory, e.getMessage());
        }
        return stamps.stream().sorted((a, b) -> a.file().compareTo(b.file()));
    }

    /** A file that vanishes meanwhile was never there. */
    private static Optional<Stamp> stamp(Path file) throws IOException {
        try {
            var attributes = Files.readAttributes(file, BasicFileAttributes.class);
            return attributes.isRegularFile()
                    ? Optional.of(
                            new Stamp(file, attributes.lastModifiedTime(), attributes.size(), attributes.fileKey()))
                    : Optional.empty();
        } catch (NoSuchFileException e) {
            return Optional.empty();
        }
    }

    private static boolean isCandidate(Path file) {
        var name = String.valueOf(file.getFileName());
        return SUFFIXES.stream().anyMatch(name::endsWith);
    }
}
