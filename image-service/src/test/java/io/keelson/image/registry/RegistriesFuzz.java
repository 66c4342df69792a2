package io.keelson.image.registry;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import io.keelson.image.reference.ImageReference;
import java.util.List;

/** registries.conf, and what a name becomes by it. */
public final class RegistriesFuzz {
    private static final ImageReference NAME = ImageReference.parse("sub.example.com/a/b:tag");

    private RegistriesFuzz() {}

    public static List<byte[]> seeds() {
        return List.of("""
                unqualified-search-registries = ["docker.io"]
                [[registry]]
                prefix = "*.example.com"
                location = "internal.example/mirror"
                [[registry.mirror]]
                location = "127.0.0.1:5000/x"
                insecure = true
                pull-from-mirror = "digest-only"
                [aliases]
                "alpine" = "docker.io/library/alpine"
                """.getBytes(UTF_8), """
                [[registry]]
                location = "sub.example.com/a"
                blocked = false
                mirror-by-digest-only = true
                [[registry]]
                prefix = "sub.example.com/a/b"
                location = "other/c"
                """.getBytes(UTF_8));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(
                () -> RegistryConfiguration.parse(input).endpoints(NAME), Failure.Kind.INVALID, Failure.Kind.DENIED);
    }
}
