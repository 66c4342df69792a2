package io.keelson.image.login;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.registry.CredentialSource;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.ServerAddress;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Files of credentials as Docker and containers-auth.json(5) have them. A program that is named for a registry beats what stands in
 * the file, and a longer path a shorter one; the first file that has something counts. The files are read each time, so that
 * what writes them need not tell anybody.
 */
public final class AuthFiles implements CredentialSource {
    /** Largest file that is read. */
    static final int MAX_FILE_BYTES = 1 << 20;

    private final List<Path> files;
    private final CredentialHelpers helpers;

    /** @param files need not exist */
    public AuthFiles(List<Path> files, CredentialHelpers helpers) {
        this.files = List.copyOf(files);
        this.helpers = helpers;
    }

    @Override
    public Credentials find(String host, String repository) {
        for (var file : files) {
            try {
                var found = DurableFiles.find(file, MAX_FILE_BYTES)
                        .map(bytes -> find(Json.parseObject(bytes), host, repository))
                        .orElse(Credentials.NONE);
                if (!found.equals(Credentials.NONE)) {
                    return found;
                }
            } catch (Failure e) {
                throw e.during("credentials from " + file);
            }
        }
        return Credentials.NONE;
    }

    /** What would keep a pull from its credentials, without asking a program for any: for whoever looks at the node. */
    public List<String> troubles() {
        var troubles = new ArrayList<String>();
        for (var file : files) {
            try {
                DurableFiles.find(file, MAX_FILE_BYTES).map(Json::parseObject).ifPresent(this::check);
            } catch (Failure e) {
                troubles.add(file + ": " + e.getMessage());
            }
        }
        return troubles;
    }

    private void check(Json.Obj file) {
        file.textMap("credHelpers").values().forEach(helpers::check);
        file.findText("credsStore").filter(name -> !name.isEmpty()).ifPresent(helpers::check);
        file.findObject("auths")
                .map(Json.Obj::members)
                .orElse(Map.of())
                .values()
                .forEach(AuthFiles::credentials);
    }

    private Credentials find(Json.Obj file, String host, String repository) {
        var helper = best(file.textMap("credHelpers"), host, repository);
        if (helper.isPresent()) {
            return helpers.ask(helper.get().getValue(), host);
        }
        var entries = file.findObject("auths").map(Json.Obj::members).orElse(Map.of());
        var entry = best(entries, host, repository);
        var known = entry.map(found -> credentials(found.getValue())).orElse(Credentials.NONE);
        if (!known.equals(Credentials.NONE)) {
            return known;
        }
        return file.findText("credsStore")
                .filter(name -> !name.isEmpty())
                // The program knows it by the name that login used.
                .map(name -> helpers.ask(name, entry.map(Map.Entry::getKey).orElse(serverName(host))))
                .orElse(Credentials.NONE);
    }

    private static String serverName(String host) {
        return host.equals("docker.io") ? "https://index.docker.io/v1/" : host;
    }

    /** The entry for the longest part of the repository's path, else for the host however it is written. */
    private static <T> Optional<Map.Entry<String, T>> best(Map<String, T> entries, String host, String repository) {
        for (var name : names(host, repository)) {
            var value = entries.get(name);
            if (value != null) {
                return Optional.of(Map.entry(name, value));
            }
        }
        return entries.entrySet().stream()
                .filter(entry -> isWholeHost(entry.getKey()) && ServerAddress.isFor(entry.getKey(), host))
                .findFirst();
    }

    private static List<String> names(String host, String repository) {
        var names = new ArrayList<String>();
        var path = host + "/" + repository;
        while (true) {
            names.add(path);
            var slash = path.lastIndexOf('/');
            if (slash < 0) {
                return names;
            }
            path = path.substring(0, slash);
        }
    }

    /** Whether it names no namespace: {@code host}, or an address with the path of an API. */
    private static boolean isWholeHost(String key) {
        return key.contains("://") || key.matches("[^/]+(/(v[12]/?)?)?");
    }

    private static Credentials credentials(Json entry) {
        if (!(entry instanceof Json.Obj object)) {
            throw Failure.invalid("an entry of auths is no object");
        }
        return Credentials.of(
                object.textOrEmpty("username"),
                object.textOrEmpty("password"),
                object.textOrEmpty("auth"),
                object.textOrEmpty("identitytoken"),
                object.textOrEmpty("registrytoken"),
                "");
    }
}
