package io.keelson.image.blob;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.OptionalInt;
import java.util.Set;

/**
 * What this machine runs.
 *
 * @param variants that it runs, best first; the empty one is a platform that names none
 */
public record HostPlatform(String architecture, List<String> variants) {
    private static final Set<String> AMD64_V2 = Set.of("cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3");
    private static final Set<String> AMD64_V3 =
            Set.of("avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave");

    public HostPlatform {
        variants = List.copyOf(variants);
    }

    /** This machine. */
    public static HostPlatform detect() {
        return switch (System.getProperty("os.arch", "")) {
            case "amd64", "x86_64" -> new HostPlatform("amd64", amd64Variants(cpuFlags()));
            case "aarch64" -> new HostPlatform("arm64", List.of("v8", ""));
            case "arm" -> new HostPlatform("arm", List.of("v7", "", "v6", "v5"));
            default -> new HostPlatform(System.getProperty("os.arch", "unknown"), List.of(""));
        };
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
        variants.add("v1");
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

    /** How well the platform fits: lower is better, absent does not run here. */
    public OptionalInt rank(Platform platform) {
        if (!platform.os().equals("linux") || !platform.architecture().equals(architecture)) {
            return OptionalInt.empty();
        }
        var rank = variants.indexOf(platform.variant());
        return rank < 0 ? OptionalInt.empty() : OptionalInt.of(rank);
    }

    @Override
    public String toString() {
        return "linux/" + architecture;
    }
}
