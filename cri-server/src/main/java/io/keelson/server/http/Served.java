package io.keelson.server.http;

import io.keelson.server.connection.TlsSettings;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * What is offered, and to whom.
 *
 * @param pages by path
 * @param below pages of many things of one kind, by the path before their names; told the name
 * @param forRootAlone nobody else may connect to the socket, where it is one
 * @param tls absent: nothing is encrypted
 */
public record Served(
        Map<String, Supplier<Page>> pages,
        Map<String, Function<String, Page>> below,
        boolean forRootAlone,
        Optional<TlsSettings> tls) {
    public Served {
        pages = Map.copyOf(pages);
        below = Map.copyOf(below);
    }

    /** To everybody who may connect. */
    public static Served of(Map<String, Supplier<Page>> pages) {
        return new Served(pages, Map.of(), false, Optional.empty());
    }

    /** These as well: {@code /containers/} and what makes the page of the one that is named after it. */
    public Served below(String path, Function<String, Page> page) {
        var more = new LinkedHashMap<>(below);
        more.put(path, page);
        return new Served(pages, more, forRootAlone, tls);
    }

    public Served forRoot() {
        return new Served(pages, below, true, tls);
    }

    public Served encrypted(Optional<TlsSettings> settings) {
        return new Served(pages, below, forRootAlone, settings);
    }

    Optional<Supplier<Page>> find(String path) {
        return Optional.ofNullable(pages.get(path)).or(() -> {
            var slash = path.lastIndexOf('/') + 1;
            return Optional.ofNullable(below.get(path.substring(0, slash)))
                    .map(page -> () -> page.apply(path.substring(slash)));
        });
    }

    /** All there is, for people. */
    String index() {
        var all = new TreeSet<>(pages.keySet());
        below.keySet().forEach(path -> all.add(path + "NAME"));
        return "there are: " + String.join(" ", all);
    }
}
