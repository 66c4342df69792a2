package io.keelson.simulation;

import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;

/** What callers were answered about each object. One about which a request was under way may be either. */
final class Promises {
    private enum Promise {
        EXISTS,
        GONE,
        UNDER_WAY
    }

    private final Map<String, Promise> promises = new TreeMap<>();

    void underWay(String object) {
        promises.put(object, Promise.UNDER_WAY);
    }

    void exists(String object) {
        promises.put(object, Promise.EXISTS);
    }

    void gone(String object) {
        promises.put(object, Promise.GONE);
    }

    /** Those of the kind that must be there. */
    Stream<String> mustExist(String kind) {
        return those(kind, Promise.EXISTS);
    }

    /** Those of the kind that must not be there, as they were removed, also durably. */
    Stream<String> mustBeGone(String kind) {
        return those(kind, Promise.GONE);
    }

    private Stream<String> those(String kind, Promise promise) {
        return promises.entrySet().stream()
                .filter(entry -> entry.getKey().startsWith(kind + " ") && entry.getValue() == promise)
                .map(entry -> entry.getKey().substring(kind.length() + 1));
    }
}
