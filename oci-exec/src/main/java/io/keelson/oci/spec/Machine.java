package io.keelson.oci.spec;

import java.util.Locale;

/**
 * What of this machine a specification depends on.
 *
 * @param architecture in Go's words: {@code amd64}, {@code arm64}
 */
public record Machine(String architecture, KernelVersion kernel, int processors) {
    /** The one that we run on. */
    public static Machine current() {
        var architecture = System.getProperty("os.arch", "").toLowerCase(Locale.ROOT);
        return new Machine(
                switch (architecture) {
                    case "x86_64" -> "amd64";
                    case "aarch64" -> "arm64";
                    default -> architecture;
                },
                KernelVersion.parse(System.getProperty("os.version", "0.0")),
                Runtime.getRuntime().availableProcessors());
    }
}
