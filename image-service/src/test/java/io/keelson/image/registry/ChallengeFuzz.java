package io.keelson.image.registry;

import static java.nio.charset.StandardCharsets.ISO_8859_1;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.util.List;

/** WWW-Authenticate. */
public final class ChallengeFuzz {
    private ChallengeFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                "Bearer realm=\"https://auth.example/token\",service=\"registry\",scope=\"repository:a/b:pull,push\""
                        .getBytes(ISO_8859_1),
                "Basic realm=\"a \\\"quoted\\\" word\", Bearer realm=x , error=\"invalid_token\"".getBytes(ISO_8859_1),
                "Negotiate dG9rZW4=, Digest a=b, c = \"d\"".getBytes(ISO_8859_1));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(() -> Challenge.parse(new String(input, ISO_8859_1)), Failure.Kind.UNAUTHENTICATED);
    }
}
