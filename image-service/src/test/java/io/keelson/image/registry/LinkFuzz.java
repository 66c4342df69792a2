package io.keelson.image.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.net.URI;
import java.util.List;

/** The Link header of a list in pages: whatever it says, no other server than the one that said it is asked for the next page. */
public final class LinkFuzz {
    private static final RegistryEndpoint ENDPOINT = new RegistryEndpoint("registry.example", "a/b", false, true);
    private static final URI ASKED = URI.create("https://registry.example:5000/v2/a/b/referrers/sha256:12?n=100");

    private LinkFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                "</v2/a/b/referrers/sha256:12?last=5&n=100>; rel=\"next\"".getBytes(ISO_8859_1),
                "<https://registry.example:5000/v2/x>;rel=next, <//elsewhere.example/>; rel=\"next\""
                        .getBytes(ISO_8859_1),
                "<?last=2>; title=x; rel=\"next\"".getBytes(ISO_8859_1),
                "<mailto:a@registry.example>; rel=next".getBytes(ISO_8859_1),
                "<https://user:word@registry.example:5000/../../%2e%2e/>; rel=\"next\"".getBytes(ISO_8859_1));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        var link = new String(input, ISO_8859_1);
        Refusal.orSuccess(
                () -> Referrers.next(ENDPOINT, ASKED, link).map(URI::create).ifPresent(LinkFuzz::check),
                Failure.Kind.UNAVAILABLE);
    }

    private static void check(URI next) {
        if (!next.isAbsolute() || !ASKED.getAuthority().equalsIgnoreCase(next.getHost() + ":" + next.getPort())) {
            throw new AssertionError("would ask " + next);
        }
    }
}
