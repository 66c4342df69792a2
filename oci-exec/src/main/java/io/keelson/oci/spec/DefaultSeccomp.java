package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.SeccompRule.Circumstances;
import io.keelson.oci.spec.SeccompRule.Condition;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;

/**
 * Keelson's own seccomp profile. Its rules are a table beside this class: a system call, what happens, for which arguments, and
 * for which capabilities and architectures. Calls that the table does not name fail with ENOSYS, so that a C library which
 * tries a newer call falls back to an older one.
 *
 * <p>Families of sockets are listed one by one, and not as all but AF_ALG and AF_VSOCK: a filter compares 64 bits of which the kernel
 * then takes 32, so whatever is merely unequal to a family may yet be it. 32-bit programs reach every family by socketcall(2), whose
 * arguments no filter sees.
 */
public final class DefaultSeccomp {
    private static final String TABLE = "seccomp-default.tsv";
    private static final int ENOSYS = 38;
    private static final Map<String, Integer> ERRNO = Map.of("EPERM", 1, "EINVAL", 22, "ENOSYS", ENOSYS);

    private DefaultSeccomp() {}

    /** Rules are read when first needed. */
    private static final class Rules {
        static final List<SeccompRule> ALL = read();
        /** Most containers have the same capabilities as the one before. */
        static volatile Made last = new Made(Optional.empty(), Json.object().build());
    }

    private record Made(Optional<Circumstances> when, Json.Obj profile) {}

    /**
     * The profile in the OCI's form.
     *
     * @param capabilities those that the container is granted
     * @param architecture of the machine, {@code amd64} or {@code arm64}
     */
    public static Json.Obj profile(Set<String> capabilities, String architecture, KernelVersion kernel) {
        var now = new Circumstances(Set.copyOf(capabilities), architecture, kernel);
        var made = Rules.last;
        if (!made.when().equals(Optional.of(now))) {
            made = new Made(Optional.of(now), make(now));
            Rules.last = made;
        }
        return made.profile();
    }

    private static Json.Obj make(Circumstances now) {
        // Calls with the same outcome make one rule: that halves the time which the runtime takes to read them.
        var namesByOutcome = new LinkedHashMap<Json.Obj, List<String>>();
        for (var rule : Rules.ALL) {
            if (rule.when().holds(now)) {
                namesByOutcome
                        .computeIfAbsent(rule.outcome(), _ -> new ArrayList<>())
                        .addAll(rule.names());
            }
        }
        return Json.object()
                .put("defaultAction", "SCMP_ACT_ERRNO")
                .put("defaultErrnoRet", ENOSYS)
                .putTexts("architectures", SeccompArchitectures.of(now.architecture()))
                .putAll(
                        "syscalls",
                        namesByOutcome.entrySet().stream()
                                .map(entry ->
                                        new SeccompRule(entry.getValue(), entry.getKey(), Condition.ALWAYS).toJson())
                                .toList())
                .build();
    }

    private static List<SeccompRule> read() {
        try (var in = Objects.requireNonNull(DefaultSeccomp.class.getResourceAsStream(TABLE), TABLE)) {
            return new String(in.readAllBytes(), StandardCharsets.UTF_8)
                    .lines()
                    .skip(1)
                    .map(DefaultSeccomp::rule)
                    .toList();
        } catch (IOException e) {
            throw new UncheckedIOException("cannot read " + TABLE, e);
        }
    }

    /** Columns: system call, action, errno, arguments, condition; {@code -} is none. */
    private static SeccompRule rule(String line) {
        var columns = line.split("\t", -1);
        var outcome = Json.object().put("action", columns[1]);
        if (!columns[2].equals("-")) {
            outcome.put("errnoRet", Objects.requireNonNull(ERRNO.get(columns[2]), line));
        }
        if (!columns[3].equals("-")) {
            var arguments = new ArrayList<Json>();
            for (var argument : columns[3].split(" and ", -1)) {
                arguments.add(argument(argument));
            }
            outcome.putAll("args", arguments);
        }
        return new SeccompRule(List.of(columns[0]), outcome.build(), condition(columns[4]));
    }

    /** As in {@code arg0 SCMP_CMP_EQ 16}. */
    private static Json argument(String text) {
        var words = text.split(" ", -1);
        return Json.object()
                .put("index", Long.parseLong(words[0].substring("arg".length())))
                .put("value", Long.parseLong(words[2]))
                .put("op", words[1])
                .build();
    }

    /** As in {@code if caps=CAP_BPF}, {@code unless caps=CAP_SYS_ADMIN,CAP_BPF}, {@code if arches=amd64,x32}. */
    private static Condition condition(String text) {
        if (text.equals("-")) {
            return Condition.ALWAYS;
        }
        var capabilities = new HashSet<String>();
        var architectures = new HashSet<String>();
        var words = text.split(" ", -1);
        for (var word : List.of(words).subList(1, words.length)) {
            var isCapabilities = word.startsWith("caps=");
            var values = List.of(word.substring(word.indexOf('=') + 1).split(",", -1));
            (isCapabilities ? capabilities : architectures).addAll(values);
        }
        return words[0].equals("if")
                ? new Condition(capabilities, architectures, Optional.empty(), Set.of(), Set.of())
                : new Condition(Set.of(), Set.of(), Optional.empty(), capabilities, architectures);
    }
}
