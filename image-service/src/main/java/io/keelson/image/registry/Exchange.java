package io.keelson.image.registry;

import java.net.URI;
import java.net.http.HttpRequest.BodyPublisher;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * One request.
 *
 * @param headers sent to every hop
 * @param secrets headers for the origin of {@code uri} alone
 */
record Exchange(
        String method,
        URI uri,
        Map<String, String> headers,
        Map<String, List<String>> secrets,
        Optional<Payload> payload,
        Channel channel,
        Patience patience) {

    /**
     * What is sent along.
     *
     * @param publisher may be asked for the same bytes again, if it follows redirects
     * @param followsRedirects false for what is meant for one server only
     */
    record Payload(BodyPublisher publisher, boolean followsRedirects) {}

    static Exchange of(String method, URI uri, Map<String, String> headers, Channel channel, Patience patience) {
        return new Exchange(method, uri, headers, Map.of(), Optional.empty(), channel, patience);
    }

    /** These take the place of those of the same name. */
    Exchange withSecrets(Map<String, List<String>> more) {
        var all = new TreeMap<String, List<String>>(String.CASE_INSENSITIVE_ORDER);
        all.putAll(secrets);
        all.putAll(more);
        return new Exchange(method, uri, headers, all, payload, channel, patience);
    }

    Exchange withAuthorization(String value) {
        return withSecrets(Map.of("Authorization", List.of(value)));
    }

    Exchange with(Payload sent) {
        return new Exchange(method, uri, headers, secrets, Optional.of(sent), channel, patience);
    }
}
