package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Refuses keys that differ from a known one in case alone: readers that do not tell upper from lower case take either, and so see
 * another document under the same digest.
 */
final class ExactKeys {
    private ExactKeys() {}

    /** @throws Failure INVALID naming the key */
    static void check(Json.Obj json, String what, String... known) {
        var exact = Set.of(known);
        var folded = List.of(known).stream()
                .map(key -> key.toLowerCase(Locale.ROOT))
                .collect(Collectors.toUnmodifiableSet());
        for (var key : json.members().keySet()) {
            if (!exact.contains(key) && folded.contains(key.toLowerCase(Locale.ROOT))) {
                throw Failure.invalid(what + " has a key \"" + key + "\", which others read as another one");
            }
        }
    }
}
