package io.keelson.oci.spec;

import java.util.List;

/** The instruction sets of a machine whose system calls a filter must know, by libseccomp's names. */
final class SeccompArchitectures {
    private SeccompArchitectures() {}

    /** Its own, and the older ones that it runs as well: a call through one that no filter knows would end the process. */
    static List<String> of(String architecture) {
        return switch (architecture) {
            case "amd64" -> List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32");
            case "arm64" -> List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM");
            default -> List.of();
        };
    }
}
