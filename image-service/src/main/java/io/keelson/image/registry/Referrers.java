package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import io.keelson.image.registry.RegistrySettings.Effort;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** What refers to a manifest (distribution specification, "Listing Referrers"): by the API, or by the tag that stands in for it. */
final class Referrers {
    /** Most pages of one list. */
    static final int MAX_PAGES = 100;

    private static final Pattern NEXT = Pattern.compile("<([^<>]{1,2048})>\\s*;\\s*rel\\s*=\\s*\"?next\"?");
    private static final Map<String, String> ACCEPT = Map.of("Accept", "application/vnd.oci.image.index.v1+json");

    private Referrers() {}

    /** The tag under which clients keep the list where the registry does not. */
    static String tag(Digest subject) {
        return subject.algorithm() + "-" + subject.hex();
    }

    /** The descriptors; none if nothing refers to it. */
    static List<Json.Obj> list(RegistryConnection connection, Digest subject, Effort effort) {
        var found = new ArrayList<Json.Obj>();
        var next = Optional.of("referrers/" + subject);
        for (var page = 0; next.isPresent() && page < MAX_PAGES; page++) {
            try (var answer = connection.request("GET", next.get(), ACCEPT, effort)) {
                if (answer.status() == 404 && page == 0) {
                    return tagged(connection, subject, effort);
                }
                if (answer.status() != 200) {
                    throw RegistrySession.unexpected(connection, answer, "referrers of " + subject);
                }
                found.addAll(descriptors(connection, answer, subject));
                next = next(connection.endpoint(), answer.uri(), answer.header("Link"));
            }
        }
        return found;
    }

    private static List<Json.Obj> descriptors(RegistryConnection connection, Wire.Answer answer, Digest subject) {
        var what = "referrers of " + subject;
        try {
            return Json.parseObject(Bodies.read(answer, RegistrySession.MAX_MANIFEST_BYTES, what))
                    .objects("manifests");
        } catch (IOException e) {
            throw RegistrySession.broken(connection, what, e);
        } catch (Failure e) {
            throw e.during(connection.endpoint() + ": " + what);
        }
    }

    /** A page of the same server only. */
    static Optional<String> next(RegistryEndpoint endpoint, URI asked, String link) {
        var match = NEXT.matcher(link);
        if (!match.find()) {
            return Optional.empty();
        }
        try {
            var place = asked.resolve(match.group(1));
            if (!Origin.of(place).equals(Origin.of(asked))) {
                throw Failure.unavailable(endpoint + " has the next page of a list elsewhere");
            }
            return Optional.of(place.toString());
        } catch (IllegalArgumentException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, endpoint + " names no address for the next page", e);
        }
    }

    private static List<Json.Obj> tagged(RegistryConnection connection, Digest subject, Effort effort) {
        return RegistrySession.find(connection, tag(subject), effort)
                .map(index -> Json.parseObject(index.bytes()).objects("manifests"))
                .orElse(List.of());
    }
}
