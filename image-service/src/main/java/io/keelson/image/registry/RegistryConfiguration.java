package io.keelson.image.registry;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.hosts.HostDirectories;
import io.keelson.image.hosts.HostEntry;
import io.keelson.image.hosts.Toml;
import io.keelson.image.reference.ImageReference;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Where images may be had from: {@code registries.conf} version 2 (containers-registries.conf(5)). Names are always complete here:
 * nothing searches or prompts.
 */
public final class RegistryConfiguration {
    /** Largest file that is read. */
    static final int MAX_FILE_BYTES = 1 << 20;

    private static final Set<String> TABLE_KEYS =
            Set.of("prefix", "location", "insecure", "blocked", "mirror-by-digest-only", "mirror");
    private static final Set<String> MIRROR_KEYS = Set.of("location", "insecure", "pull-from-mirror");

    /** When a mirror is asked. */
    private enum Use {
        ALL,
        DIGEST_ONLY,
        TAG_ONLY;

        boolean serves(ImageReference reference) {
            return switch (this) {
                case ALL -> true;
                case DIGEST_ONLY -> reference.digest().isPresent();
                case TAG_ONLY -> reference.digest().isEmpty();
            };
        }
    }

    private record Mirror(String location, boolean insecure, Use use) {}

    private record Registry(String prefix, String location, boolean insecure, boolean blocked, List<Mirror> mirrors) {
        /** What is left of the name after the prefix; absent if the prefix does not fit. */
        Optional<String> rest(ImageReference reference) {
            var name = reference.name();
            var version = version(prefix);
            if (!version.isEmpty()) {
                var isIt = prefix.equals(name + version)
                        && (reference.digest().map(digest -> "@" + digest).equals(Optional.of(version))
                                || reference.tag().map(tag -> ":" + tag).equals(Optional.of(version)));
                return isIt ? Optional.of("") : Optional.empty();
            }
            if (prefix.startsWith("*.")) {
                var registry = reference.registry().toLowerCase(Locale.ROOT);
                return registry.endsWith(prefix.substring(1))
                        ? Optional.of("/" + reference.repository())
                        : Optional.empty();
            }
            if (!name.startsWith(prefix)) {
                return Optional.empty();
            }
            var rest = name.substring(prefix.length());
            return rest.isEmpty() || rest.startsWith("/") ? Optional.of(rest) : Optional.empty();
        }
    }

    /** The tag or digest at the end of a name, with what is before it; empty if there is none. */
    private static String version(String name) {
        var at = name.indexOf('@');
        var colon = name.indexOf(':', name.lastIndexOf('/', at < 0 ? name.length() : at) + 1);
        var begin = at >= 0 ? at : name.indexOf('/') < 0 ? -1 : colon;
        return begin < 0 ? "" : name.substring(begin);
    }

    /**
     * The place without its tag or digest.
     *
     * @throws Failure INVALID if that is not the prefix's: another image is not what was asked for
     */
    private static String place(String location, String prefix) {
        var version = version(location);
        if (!version.isEmpty() && !version.equals(version(prefix))) {
            throw Failure.invalid("[[registry]]: location \"" + location + "\" ends in \"" + version
                    + "\", and prefix \"" + prefix + "\" does not");
        }
        return location.substring(0, location.length() - version.length());
    }

    private final Map<String, Registry> registries;
    private final Map<String, String> aliases;
    private final HostDirectories hosts;

    private RegistryConfiguration(
            Map<String, Registry> registries, Map<String, String> aliases, HostDirectories hosts) {
        this.registries = Map.copyOf(registries);
        this.aliases = Map.copyOf(aliases);
        this.hosts = hosts;
    }

    /** The same, with what is said of each host. */
    public RegistryConfiguration with(HostDirectories directories) {
        return new RegistryConfiguration(registries, aliases, directories);
    }

    /** No mirrors, nothing insecure. */
    public static RegistryConfiguration empty() {
        return new RegistryConfiguration(Map.of(), Map.of(), new HostDirectories(List.of()));
    }

    /**
     * Reads the file and what {@code <file>.d/*.conf} adds, in lexical order: a later table with the same prefix counts. A file
     * that does not exist says nothing.
     *
     * @throws Failure INVALID naming the file and the key
     */
    public static RegistryConfiguration read(Path file) {
        var texts = new LinkedHashMap<String, byte[]>();
        for (var source : sources(file)) {
            DurableFiles.find(source, MAX_FILE_BYTES).ifPresent(bytes -> texts.put(source.toString(), bytes));
        }
        return parse(texts);
    }

    /** From the text of one file. */
    static RegistryConfiguration parse(byte[] toml) {
        return parse(Map.of("registries.conf", toml));
    }

    private static RegistryConfiguration parse(Map<String, byte[]> texts) {
        var registries = new LinkedHashMap<String, Registry>();
        var aliases = new LinkedHashMap<String, String>();
        texts.forEach((source, toml) -> {
            try {
                var file = Toml.parse(toml);
                addTo(registries, file);
                aliases.putAll(file.textMap("aliases"));
            } catch (Failure e) {
                throw e.during("cannot read " + source);
            }
        });
        // An alias for nothing takes back an earlier one.
        aliases.values().removeIf(String::isEmpty);
        aliases.forEach(ShortNames::check);
        return new RegistryConfiguration(registries, aliases, new HostDirectories(List.of()));
    }

    /**
     * What a name stands for, as a user writes it: a short one that has an alias, for what that says; others for themselves. Nothing
     * searches, and nothing asks.
     */
    public String fullName(String name) {
        return ShortNames.expand(name, aliases);
    }

    private static List<Path> sources(Path file) {
        var sources = new ArrayList<Path>();
        sources.add(file);
        var dropIns = file.resolveSibling(file.getFileName() + ".d");
        if (Files.isDirectory(dropIns)) {
            try (var children = Files.newDirectoryStream(dropIns, "*.conf")) {
                var found = new ArrayList<Path>();
                children.forEach(found::add);
                found.sort(null);
                sources.addAll(found);
            } catch (IOException e) {
                throw DurableFiles.failed("list", dropIns, e);
            }
        }
        return sources;
    }

    private static void addTo(Map<String, Registry> registries, Json.Obj file) {
        for (var table : file.objects("registry")) {
            checkKeys("registry", table, TABLE_KEYS);
            var location = table.textOrEmpty("location");
            var prefix = table.findText("prefix").orElse(location);
            if (prefix.isEmpty()) {
                throw Failure.invalid("[[registry]] has neither prefix nor location");
            }
            if (location.isEmpty() && !prefix.startsWith("*.")) {
                location = prefix;
            }
            var digestOnly = table.flag("mirror-by-digest-only");
            var mirrors = table.objects("mirror").stream()
                    .map(mirror -> mirror(mirror, prefix, digestOnly))
                    .toList();
            if (prefix.startsWith("*.") && prefix.indexOf('/') >= 0) {
                throw Failure.invalid("[[registry]]: prefix \"" + prefix + "\" has more than a host after \"*.\"");
            }
            registries.put(
                    prefix,
                    new Registry(
                            prefix, place(location, prefix), table.flag("insecure"), table.flag("blocked"), mirrors));
        }
    }

    private static Mirror mirror(Json.Obj table, String prefix, boolean digestOnly) {
        checkKeys("registry.mirror", table, MIRROR_KEYS);
        var use = switch (table.textOrEmpty("pull-from-mirror")) {
            case "" -> digestOnly ? Use.DIGEST_ONLY : Use.ALL;
            case "all" -> Use.ALL;
            case "digest-only" -> Use.DIGEST_ONLY;
            case "tag-only" -> Use.TAG_ONLY;
            default ->
                throw Failure.invalid("pull-from-mirror is \"" + table.text("pull-from-mirror")
                        + "\", not \"all\", \"digest-only\" or \"tag-only\"");
        };
        return new Mirror(place(table.text("location"), prefix), table.flag("insecure"), use);
    }

    private static void checkKeys(String name, Json.Obj table, Set<String> known) {
        for (var key : table.members().keySet()) {
            if (!known.contains(key)) {
                throw Failure.invalid("[[" + name + "]]: unknown key \"" + key + "\"");
            }
        }
    }

    /**
     * Where to ask for the image, best first; the last is the registry itself.
     *
     * @throws Failure DENIED if the registry is blocked
     */
    public List<RegistryEndpoint> endpoints(ImageReference reference) {
        Registry best = null;
        var rest = "";
        for (var registry : registries.values()) {
            var left = registry.rest(reference);
            if (left.isPresent()
                    && (best == null
                            || registry.prefix().length() > best.prefix().length())) {
                best = registry;
                rest = left.get();
            }
        }
        if (best == null) {
            return servers(new RegistryEndpoint(reference.registry(), reference.repository(), false, true));
        }
        if (best.blocked()) {
            throw new Failure(
                    Failure.Kind.DENIED,
                    "cannot pull " + reference + ": registry " + best.prefix() + " is blocked in registries.conf");
        }
        return endpoints(reference, best, rest).stream()
                .flatMap(endpoint -> servers(endpoint).stream())
                .toList();
    }

    /**
     * What the files name: for each registry that has a host of its own and is not blocked, where it is asked for, best first. The
     * repositories of these endpoints are empty or the beginning of one.
     */
    public Map<String, List<RegistryEndpoint>> configured() {
        var found = new TreeMap<String, List<RegistryEndpoint>>();
        for (var host : hosts.hosts()) {
            found.put(host, servers(new RegistryEndpoint(host, "", false, true)));
        }
        for (var registry : registries.values()) {
            if (!registry.blocked() && !registry.location().isEmpty()) {
                var places = Stream.concat(
                        registry.mirrors().stream()
                                .map(mirror -> namedPlace(mirror.location(), mirror.insecure(), false)),
                        Stream.of(namedPlace(registry.location(), registry.insecure(), true)));
                found.put(
                        registry.prefix(),
                        places.flatMap(place -> servers(place).stream()).toList());
            }
        }
        return found;
    }

    private static RegistryEndpoint namedPlace(String place, boolean insecure, boolean ownsReference) {
        var slash = place.indexOf('/');
        return slash < 0
                ? new RegistryEndpoint(place, "", insecure, ownsReference)
                : new RegistryEndpoint(place.substring(0, slash), place.substring(slash + 1), insecure, ownsReference);
    }

    private static List<RegistryEndpoint> endpoints(ImageReference reference, Registry registry, String rest) {
        var endpoints = new ArrayList<RegistryEndpoint>();
        for (var mirror : registry.mirrors()) {
            if (mirror.use().serves(reference)) {
                endpoints.add(endpoint(reference, mirror.location() + rest, mirror.insecure()));
            }
        }
        endpoints.add(
                registry.location().isEmpty()
                        ? new RegistryEndpoint(reference.registry(), reference.repository(), registry.insecure(), true)
                        : endpoint(reference, registry.location() + rest, registry.insecure()));
        return List.copyOf(endpoints);
    }

    private static RegistryEndpoint endpoint(ImageReference reference, String place, boolean insecure) {
        var slash = place.indexOf('/');
        var host = slash < 0 ? place : place.substring(0, slash);
        var repository = slash < 0 ? reference.repository() : place.substring(slash + 1);
        // The grammar of references checks what was put together.
        var checked = new ImageReference(host, repository, Optional.of("latest"), Optional.empty());
        return new RegistryEndpoint(
                checked.registry(), checked.repository(), insecure, host.equals(reference.registry()));
    }

    /** What stands for the endpoint's host, in turn; the host itself where nothing else is said. */
    private List<RegistryEndpoint> servers(RegistryEndpoint endpoint) {
        return hosts.find(endpoint.host())
                .map(entries ->
                        entries.stream().map(entry -> server(endpoint, entry)).toList())
                .orElse(List.of(endpoint));
    }

    private static RegistryEndpoint server(RegistryEndpoint endpoint, HostEntry entry) {
        var server = entry.server().isEmpty() ? endpoint.host() : entry.server();
        var isHost = RegistryEndpoint.apiHost(endpoint.host()).equals(RegistryEndpoint.apiHost(server));
        return new RegistryEndpoint(
                isHost ? endpoint.host() : server,
                endpoint.repository(),
                entry.skipVerify().orElse(isHost && endpoint.insecure()),
                isHost && endpoint.ownsReference(),
                entry.access(),
                isHost ? "" : endpoint.host());
    }
}
