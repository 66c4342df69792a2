package io.keelson.image.blob;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What this machine runs: a choice of platforms, best first. As with containerd, a 64-bit ARM runs images for 32 bits where there
 * is nothing better.
 */
public final class HostPlatform {
    private static final Set<String> AMD64_V2 = Set.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3");
    private static final Set<String> AMD64_V3 =
            Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave");
    private static final List<String> ARM = List.of("v7", "v6", "v5");

    private final List<Platform> runnable;

    private HostPlatform(List<Platform> runnable) {
        this.runnable = runnable;
    }

    /** This machine. */
    public static HostPlatform detect() {
        return of(System.getProperty("os.arch", "unknown"), cpuFlags());
    }

    /** @param flags of the processor, as /proc/cpuinfo has them */
    static HostPlatform of(String architecture, Set<String> flags) {
        var runnable = new ArrayList<Platform>();
        var first = Platform.of("linux", architecture, "", List.of());
        switch (first.architecture()) {
            case "amd64" -> add(runnable, "amd64", amd64Variants(flags));
            case "arm64" -> {
                add(runnable, "arm64", List.of("v8"));
                add(runnable, "arm", List.of("v8"));
                add(runnable, "arm", ARM);
            }
            case "arm" -> add(runnable, "arm", ARM);
            default -> runnable.add(first);
        }
        return new HostPlatform(List.copyOf(runnable));
    }

    private static void add(List<Platform> runnable, String architecture, List<String> variants) {
        variants.forEach(variant -> runnable.add(new Platform("linux", architecture, variant, List.of())));
    }

    /** Levels of the x86-64 psABI, as far as /proc/cpuinfo shows them. */
    static List<String> amd64Variants(Set<String> flags) {
        var variants = new ArrayList<String>();
        if (flags.containsAll(AMD64_V2)) {
            if (flags.containsAll(AMD64_V3)) {
                variants.add("v3");
            }
            variants.add("v2");
        }
        variants.add("");
        return variants;
    }

    private static Set<String> cpuFlags() {
        try (var lines = Files.lines(Path.of("/proc/cpuinfo"))) {
            return lines.filter(line -> line.startsWith("flags"))
                    .findFirst()
                    .map(line -> Set.copyOf(List.of(
                            line.substring(line.indexOf(':') + 1).strip().split(" +"))))
                    .orElse(Set.of());
        } catch (IOException e) {
            return Set.of();
        }
    }

    /** How well the platform fits: lower is better, absent does not run here. Features are not offered, so none may be asked for. */
    public OptionalInt rank(Platform platform) {
        var rank = runnable.indexOf(platform);
        return rank < 0 ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    @Override
    public String toString() {
        var best = runnable.getFirst();
        return best.os() + "/" + best.architecture();
    }
}
