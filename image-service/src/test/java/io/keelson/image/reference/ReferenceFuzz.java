package io.keelson.image.reference;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.util.List;

/** Names of images: what is read must be read the same when it is written out, and has nothing that could lead elsewhere. */
public final class ReferenceFuzz {
    private ReferenceFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                "busybox".getBytes(UTF_8),
                "library/busybox:1.2-x_y".getBytes(UTF_8),
                "[2001:db8::1]:5000/a/b__c:tag".getBytes(UTF_8),
                ("registry.example:5000/a/b@sha256:" + "0123456789abcdef".repeat(4)).getBytes(UTF_8),
                ("localhost/a:t@sha512:" + "0123456789abcdef".repeat(8)).getBytes(UTF_8));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(() -> check(ImageReference.parse(new String(input, UTF_8))), Failure.Kind.INVALID);
    }

    private static void check(ImageReference reference) {
        var text = reference.toString();
        if (!ImageReference.parse(text).equals(reference)) {
            throw new AssertionError(text + " is read as another");
        }
        if (text.contains("/..") || text.contains("//") || !text.matches("\\p{Graph}+")) {
            throw new AssertionError(text + " leads elsewhere");
        }
    }
}
