package io.keelson.image.hosts;

import io.keelson.host.disk.DropIns;
import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Directories with one directory for each registry host, named {@code host_port_}, {@code host:port}, {@code host} or, for all that
 * have none, {@code _default}. In it stands a {@code hosts.toml}, or, as with Docker, {@code *.crt}, {@code *.cert} and
 * {@code *.key}. They are read at each pull, so that what writes them need not tell anybody.
 */
public final class HostDirectories {
    static final String FILE = "hosts.toml";
    /** Largest hosts.toml that is read. */
    static final int MAX_FILE_BYTES = 1 << 20;

    private static final String DEFAULT = "_default";
    private static final Pattern HOST_AND_PORT = Pattern.compile("(.+):([0-9]+)");
    private static final Pattern UNDERSCORES = Pattern.compile("^(.+)_([0-9]+)_$");
    private static final String CERTIFICATE = ".cert";

    private final List<Path> roots;

    /** @param roots the first that has a directory for a host counts; they need not exist */
    public HostDirectories(List<Path> roots) {
        this.roots = List.copyOf(roots);
    }

    /**
     * The servers that stand for the host, in the order in which they are asked; the last is the host itself or what stands in
     * for it. Absent if there is no directory for it.
     *
     * @throws Failure INVALID naming the file and the key
     */
    public Optional<List<HostEntry>> find(String host) {
        return directory(host).map(HostDirectories::read);
    }

    /** The hosts that have a directory, whatever stands in it. */
    public List<String> hosts() {
        return roots.stream()
                .flatMap(root -> DropIns.files(root, List.of("")).stream())
                .filter(Files::isDirectory)
                .map(directory -> directory.getFileName().toString())
                .filter(name -> !name.equals(DEFAULT))
                .map(name -> UNDERSCORES.matcher(name).replaceFirst("$1:$2"))
                .distinct()
                .toList();
    }

    private Optional<Path> directory(String host) {
        for (var root : roots) {
            for (var name : names(host)) {
                var directory = root.resolve(name);
                if (Files.isDirectory(directory)) {
                    return Optional.of(directory);
                }
            }
        }
        return Optional.empty();
    }

    private static List<String> names(String host) {
        var names = new ArrayList<String>();
        var withPort = HOST_AND_PORT.matcher(host);
        if (withPort.matches()) {
            names.add(withPort.group(1) + "_" + withPort.group(2) + "_");
        }
        names.add(host);
        names.add(DEFAULT);
        return names;
    }

    private static List<HostEntry> read(Path directory) {
        var file = directory.resolve(FILE);
        var toml = DurableFiles.find(file, MAX_FILE_BYTES);
        if (toml.isEmpty()) {
            return List.of(new HostEntry("", HostAccess.by(certificates(directory)), Optional.empty()));
        }
        try {
            return HostsFile.parse(toml.get(), directory);
        } catch (Failure e) {
            throw e.during("cannot read " + file);
        }
    }

    private static HostTls certificates(Path directory) {
        var clients = new ArrayList<HostTls.ClientPair>();
        for (var certificate : DropIns.files(directory, List.of(CERTIFICATE))) {
            var name = certificate.getFileName().toString();
            var key = directory.resolve(name.substring(0, name.length() - CERTIFICATE.length()) + ".key");
            if (!Files.exists(key)) {
                throw Failure.invalid("there is no " + key + " for the certificate " + certificate);
            }
            clients.add(new HostTls.ClientPair(certificate, key));
        }
        return new HostTls(DropIns.files(directory, List.of(".crt")), clients);
    }
}
