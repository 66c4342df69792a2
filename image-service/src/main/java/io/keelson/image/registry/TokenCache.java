package io.keelson.image.registry;

import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;

/** Tokens that still hold, for the next pull by the same user. In memory only, the oldest unused go first. */
final class TokenCache {
    static final int MAX_ENTRIES = 256;

    private record Key(Origin origin, Scopes scopes, Credentials credentials) {}

    private record Kept(String header, long endNanos) {}

    private final Map<Key, Kept> entries = new LinkedHashMap<>(16, 0.75f, true) {
        private static final long serialVersionUID = 1L;

        @Override
        protected boolean removeEldestEntry(Map.Entry<Key, Kept> eldest) {
            return size() > MAX_ENTRIES;
        }
    };

    synchronized Optional<String> find(Origin origin, Scopes scopes, Credentials credentials) {
        var key = new Key(origin, scopes, credentials);
        var entry = entries.get(key);
        if (entry == null) {
            return Optional.empty();
        }
        if (entry.endNanos() - System.nanoTime() <= 0) {
            entries.remove(key);
            return Optional.empty();
        }
        return Optional.of(entry.header());
    }

    synchronized void put(Origin origin, Scopes scopes, Credentials credentials, TokenServer.Token token) {
        entries.put(
                new Key(origin, scopes, credentials),
                new Kept(token.header(), System.nanoTime() + token.life().toNanos()));
    }
}
