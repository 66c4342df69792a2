package io.keelson.pod;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Map;

/**
 * How much may be noted on a pod or a container. Kubernetes allows 256 KiB of annotations; what goes far beyond would make records
 * that are not read again, and configurations that runtimes were broken with (CVE-2021-43784).
 */
public final class MetadataSize {
    /** Of all names and values together. */
    public static final int MOST_BYTES = 1 << 20;

    private MetadataSize() {}

    /** @throws Failure INVALID if it is more */
    public static void check(Map<String, String> labels, Map<String, String> annotations) {
        var bytes = bytes(labels) + bytes(annotations);
        if (bytes > MOST_BYTES) {
            throw Failure.invalid("labels and annotations of " + bytes + " bytes are more than the " + MOST_BYTES
                    + " that are allowed together");
        }
    }

    private static long bytes(Map<String, String> texts) {
        return texts.entrySet().stream()
                .mapToLong(entry -> length(entry.getKey()) + length(entry.getValue()))
                .sum();
    }

    private static long length(String text) {
        return text.getBytes(StandardCharsets.UTF_8).length;
    }
}
