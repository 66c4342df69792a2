package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * The seccomp profile of a container that asks for RuntimeDefault, in the form of the OCI runtime specification
 * (config-linux.md, "Seccomp"). Its rules are a table beside this class: one line a system call, with the arguments,
 * architectures and capabilities for which it holds. A call that no rule names answers ENOSYS, so that programs fall back.
 */
public final class DefaultSeccomp {
    private static final int ENOSYS = 38;
    private static final Map<String, Integer> ERRNO = Map.of("EPERM", 1, "EINVAL", 22);
    private static final Map<String, List<String>> ARCHITECTURES = Map.of(
            "amd64", List.of("SCMP_ARCH_X86_64", "SCMP_ARCH_X86", "SCMP_ARCH_X32"),
            "arm64", List.of("SCMP_ARCH_AARCH64", "SCMP_ARCH_ARM"));
    private static final List<Rule> RULES = read();

    /** What happens to a call: its action, and the errno or -1. Rules that differ in nothing else share an entry. */
    private record Effect(String action, int errno, String arguments) {}

    private record Rule(String call, Effect effect, String condition) {}

    private DefaultSeccomp() {}

    /**
     * The profile for a process with these capabilities.
     *
     * @param architecture as image configurations name it: {@code amd64} or {@code arm64}
     */
    public static Json.Obj profile(Set<String> capabilities, String architecture) {
        var callsByEffect = new LinkedHashMap<Effect, List<String>>();
        for (var rule : RULES) {
            if (holds(rule.condition(), capabilities, architecture)) {
                callsByEffect
                        .computeIfAbsent(rule.effect(), effect -> new ArrayList<>())
                        .add(rule.call());
            }
        }
        var syscalls = new ArrayList<Json.Obj>();
        callsByEffect.forEach((effect, calls) -> syscalls.add(entry(effect, calls)));
        return Json.object()
                .put("defaultAction", "SCMP_ACT_ERRNO")
                .put("defaultErrnoRet", ENOSYS)
                .putTexts("architectures", ARCHITECTURES.getOrDefault(architecture, List.of()))
                .putAll("syscalls", syscalls)
                .build();
    }

    /** {@code if} or {@code unless}, and {@code caps=} or {@code arches=} with names of which one is enough. */
    private static boolean holds(String condition, Set<String> capabilities, String architecture) {
        if (condition.equals("-")) {
            return true;
        }
        var wanted = condition.startsWith("if ");
        var test = condition.substring(condition.indexOf(' ') + 1);
        var names = List.of(test.substring(test.indexOf('=') + 1).split(",", -1));
        Collection<String> present = test.startsWith("caps=") ? capabilities : List.of(architecture);
        return names.stream().anyMatch(present::contains) == wanted;
    }

    private static Json.Obj entry(Effect effect, List<String> calls) {
        var entry = Json.object().putTexts("names", calls).put("action", effect.action());
        if (effect.errno() >= 0) {
            entry.put("errnoRet", effect.errno());
        }
        if (!effect.arguments().equals("-")) {
            entry.putAll("args", arguments(effect.arguments()));
        }
        return entry.build();
    }

    /** {@code arg0 SCMP_CMP_EQ 16 and arg2 SCMP_CMP_NE 9}. */
    private static List<Json.Obj> arguments(String text) {
        var result = new ArrayList<Json.Obj>();
        for (var comparison : text.split(" and ", -1)) {
            var parts = comparison.split(" ", -1);
            result.add(Json.object()
                    .put("index", Long.parseLong(parts[0].substring("arg".length())))
                    .put("value", Long.parseLong(parts[2]))
                    .put("op", parts[1])
                    .build());
        }
        return result;
    }

    private static List<Rule> read() {
        try (var table = DefaultSeccomp.class.getResourceAsStream("seccomp-default.tsv")) {
            if (table == null) {
                throw new IllegalStateException("seccomp-default.tsv is missing");
            }
            return new String(table.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(line -> line.split("\t", -1))
                    .map(fields -> new Rule(
                            fields[0], new Effect(fields[1], ERRNO.getOrDefault(fields[2], -1), fields[3]), fields[4]))
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
