package io.keelson.oci.spec;

import io.keelson.oci.spec.NamespaceChoices.IdMapping;
import java.nio.file.Path;
import java.util.List;

/**
 * A mount in the container.
 *
 * @param type {@code bind}, {@code tmpfs}, {@code proc} …
 * @param options as mount(8) names them, propagation included ({@code rprivate}, {@code rslave}, {@code rshared})
 * @param uidMappings of a mount with mapped ids: container ids are those of the file system, host ids what they become
 */
public record SpecMount(
        String destination,
        String type,
        String source,
        List<String> options,
        List<IdMapping> uidMappings,
        List<IdMapping> gidMappings) {
    public SpecMount {
        options = List.copyOf(options);
        uidMappings = List.copyOf(uidMappings);
        gidMappings = List.copyOf(gidMappings);
    }

    /** With ids as they are. */
    public SpecMount(String destination, String type, String source, List<String> options) {
        this(destination, type, source, options, List.of(), List.of());
    }

    /** A bind mount with all that is mounted below the source, private, read-only or not. */
    public static SpecMount bind(Path source, String destination, boolean readonly) {
        return new SpecMount(
                destination, "bind", source.toString(), List.of("rbind", "rprivate", readonly ? "ro" : "rw"));
    }

    SpecMount at(String other) {
        return new SpecMount(other, type, source, options, uidMappings, gidMappings);
    }
}
