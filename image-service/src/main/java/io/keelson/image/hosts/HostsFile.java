package io.keelson.image.hosts;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.regex.Pattern;

/**
 * Reads a {@code hosts.toml} as containerd does: the {@code [host]} tables are asked in the order in which they are written, and
 * after them what stands at the top, which is about {@code server}. Keys that are not known are left alone: other programs write
 * these files.
 */
final class HostsFile {
    private static final String VERSIONED = "/v2";
    private static final Pattern HEADER_NAME = Pattern.compile("[!#$%&'*+.^_`|~0-9A-Za-z-]+");
    /** Those that HTTP itself sets. */
    private static final Set<String> NOT_SETTABLE =
            Set.of("connection", "content-length", "expect", "host", "transfer-encoding", "upgrade");

    private final Path directory;

    private HostsFile(Path directory) {
        this.directory = directory;
    }

    /**
     * @param directory against which file names are resolved
     * @throws Failure INVALID naming the table and the key
     */
    static List<HostEntry> parse(byte[] toml, Path directory) {
        var file = Toml.parse(toml);
        var reader = new HostsFile(directory);
        var entries = new ArrayList<HostEntry>();
        for (var host :
                file.findObject("host").map(Json.Obj::members).orElse(Map.of()).entrySet()) {
            if (!(host.getValue() instanceof Json.Obj table)) {
                throw Failure.invalid("host." + host.getKey() + " is no table");
            }
            entries.add(during("[host.\"" + host.getKey() + "\"]", () -> reader.entry(host.getKey(), table)));
        }
        entries.add(during("server", () -> reader.entry(file.textOrEmpty("server"), file)));
        return entries;
    }

    private static HostEntry during(String what, Supplier<HostEntry> work) {
        try {
            return work.get();
        } catch (Failure e) {
            throw e.during(what);
        }
    }

    private HostEntry entry(String server, Json.Obj table) {
        var skipVerify = table.has("skip_verify") ? Optional.of(table.flag("skip_verify")) : Optional.<Boolean>empty();
        var overridePath = table.flag("override_path");
        var tls = new HostTls(files(table, "ca"), clients(table));
        if (server.isEmpty()) {
            return new HostEntry("", access(Optional.empty(), VERSIONED, tls, table), skipVerify);
        }
        var address = address(server);
        return new HostEntry(
                address.getRawAuthority(),
                access(Optional.of(address.getScheme()), path(address, overridePath), tls, table),
                skipVerify);
    }

    private static HostAccess access(Optional<String> scheme, String path, HostTls tls, Json.Obj table) {
        return new HostAccess(scheme, path, capabilities(table), tls, headers(table), dialTimeout(table));
    }

    private static URI address(String server) {
        try {
            var address = new URI(server.contains("://") ? server : "https://" + server);
            var scheme = String.valueOf(address.getScheme()).toLowerCase(Locale.ROOT);
            if (!scheme.equals("https") && !scheme.equals("http")) {
                throw Failure.invalid("\"" + server + "\" is neither https nor http");
            }
            if (address.getHost() == null || address.getRawUserInfo() != null) {
                throw Failure.invalid("\"" + server + "\" has no host, or a user");
            }
            if (address.getRawQuery() != null || address.getRawFragment() != null) {
                throw Failure.invalid("\"" + server + "\" has more than scheme, host and path");
            }
            return address;
        } catch (URISyntaxException e) {
            throw new Failure(Failure.Kind.INVALID, "\"" + server + "\" is no address", e);
        }
    }

    private static String path(URI address, boolean override) {
        var path = address.normalize().getRawPath();
        while (path.endsWith("/")) {
            path = path.substring(0, path.length() - 1);
        }
        return override || path.endsWith(VERSIONED) ? path : path + VERSIONED;
    }

    private static Set<Capability> capabilities(Json.Obj table) {
        var names = table.texts("capabilities");
        if (names.isEmpty()) {
            return EnumSet.allOf(Capability.class);
        }
        var found = EnumSet.noneOf(Capability.class);
        for (var name : names) {
            found.add(
                    switch (name.toLowerCase(Locale.ROOT)) {
                        case "pull" -> Capability.PULL;
                        case "resolve" -> Capability.RESOLVE;
                        case "push" -> Capability.PUSH;
                        case "referrers" -> Capability.REFERRERS;
                        default ->
                            throw Failure.invalid("capability \"" + name
                                    + "\" is not \"pull\", \"resolve\", \"push\" or \"referrers\"");
                    });
        }
        return found;
    }

    private List<Path> files(Json.Obj table, String key) {
        return table.find(key).stream()
                .flatMap(value -> items(value).stream())
                .map(item -> file(key, item))
                .toList();
    }

    /** A file with both, files with both, or pairs of files. */
    private List<HostTls.ClientPair> clients(Json.Obj table) {
        return table.find("client").stream()
                .flatMap(value -> items(value).stream())
                .map(this::client)
                .toList();
    }

    private HostTls.ClientPair client(Json item) {
        if (item instanceof Json.Arr(var pair)) {
            if (pair.isEmpty() || pair.size() > 2) {
                throw Failure.invalid("client has " + pair.size() + " files, not a certificate and a key");
            }
            var certificate = file("client", pair.getFirst());
            // An empty name of a key: it is in the file of the certificate.
            var isOne = pair.size() == 1 || pair.getLast().equals(Json.text(""));
            return new HostTls.ClientPair(certificate, isOne ? certificate : file("client", pair.getLast()));
        }
        var both = file("client", item);
        return new HostTls.ClientPair(both, both);
    }

    private static List<Json> items(Json value) {
        return value instanceof Json.Arr(var items) ? items : List.of(value);
    }

    private Path file(String key, Json value) {
        if (!(value instanceof Json.Text(var text)) || text.isEmpty() || text.indexOf('\0') >= 0) {
            throw Failure.invalid(key + " is not the name of a file");
        }
        return directory.resolve(text);
    }

    private static Map<String, List<String>> headers(Json.Obj table) {
        var headers = new LinkedHashMap<String, List<String>>();
        for (var header : table.findObject("header")
                .map(Json.Obj::members)
                .orElse(Map.of())
                .entrySet()) {
            var name = header.getKey();
            if (!HEADER_NAME.matcher(name).matches() || NOT_SETTABLE.contains(name.toLowerCase(Locale.ROOT))) {
                throw Failure.invalid("header \"" + name + "\" cannot be set");
            }
            headers.put(
                    name,
                    items(header.getValue()).stream()
                            .map(value -> headerValue(name, value))
                            .toList());
        }
        return headers;
    }

    /** The value is left out of the message: it may be a secret. */
    private static String headerValue(String name, Json value) {
        if (value instanceof Json.Text(var text) && text.chars().allMatch(each -> each >= ' ' && each < 127)) {
            return text;
        }
        throw Failure.invalid("header \"" + name + "\" has a value that is no text of one line");
    }

    private static Optional<Duration> dialTimeout(Json.Obj table) {
        return table.findText("dial_timeout").filter(text -> !text.isEmpty()).map(GoDuration::parse);
    }
}
