package io.keelson.oci.spec;

import java.nio.file.Path;
import java.util.List;

/**
 * A mount in the container.
 *
 * @param type {@code bind}, {@code tmpfs}, {@code proc} …
 * @param options as mount(8) names them, propagation included ({@code rprivate}, {@code rslave}, {@code rshared})
 */
public record SpecMount(String destination, String type, String source, List<String> options) {
    public SpecMount {
        options = List.copyOf(options);
    }

    /** A bind mount with all that is mounted below the source, private, read-only or not. */
    public static SpecMount bind(Path source, String destination, boolean readonly) {
        return new SpecMount(
                destination, "bind", source.toString(), List.of("rbind", "rprivate", readonly ? "ro" : "rw"));
    }
}
