package io.keelson.oci.spec;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.SeccompRule.Circumstances;
import io.keelson.oci.spec.SeccompRule.Condition;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * A seccomp profile of the node's. It may be in the OCI's form or in Docker's, which adds {@code archMap}, a single {@code name}
 * in place of {@code names}, and {@code includes} and {@code excludes} by capability, architecture and kernel.
 */
final class LocalhostSeccomp {
    /** What the runtime takes beside the lists that are translated here. */
    private static final List<String> KEPT_AS_THEY_ARE =
            List.of("defaultErrnoRet", "flags", "listenerPath", "listenerMetadata");

    private LocalhostSeccomp() {}

    /** @throws Failure INVALID for what is no profile; never a weaker profile than the one that was meant */
    static Json.Obj profile(Json.Obj profile, Circumstances now) {
        var json = Json.object().put("defaultAction", profile.text("defaultAction"));
        for (var key : KEPT_AS_THEY_ARE) {
            profile.find(key).ifPresent(value -> json.put(key, value));
        }
        var architectures = architectures(profile, now.architecture());
        if (!architectures.isEmpty()) {
            json.putTexts("architectures", architectures);
        }
        return json.putAll(
                        "syscalls",
                        profile.objects("syscalls").stream()
                                .map(LocalhostSeccomp::rule)
                                .filter(rule -> rule.when().holds(now))
                                .map(SeccompRule::toJson)
                                .toList())
                .build();
    }

    private static List<String> architectures(Json.Obj profile, String architecture) {
        return profile.has("archMap") ? SeccompArchitectures.of(architecture) : profile.texts("architectures");
    }

    private static SeccompRule rule(Json.Obj rule) {
        var names = rule.has("names") ? rule.texts("names") : List.of(rule.text("name"));
        if (names.isEmpty()) {
            throw Failure.invalid("a rule of the seccomp profile names no system call");
        }
        var outcome = Json.object().put("action", rule.text("action"));
        rule.find("errnoRet").ifPresent(value -> outcome.put("errnoRet", value));
        var arguments = rule.objects("args");
        if (!arguments.isEmpty()) {
            outcome.putAll("args", arguments);
        }
        return new SeccompRule(names, outcome.build(), condition(rule));
    }

    private static Condition condition(Json.Obj rule) {
        var nothing = Json.object().build();
        var includes = rule.findObject("includes").orElse(nothing);
        var excludes = rule.findObject("excludes").orElse(nothing);
        if (excludes.has("minKernel")) {
            throw Failure.invalid("\"excludes.minKernel\" of a seccomp profile is not supported");
        }
        return new Condition(
                set(includes, "caps"),
                set(includes, "arches"),
                includes.findText("minKernel").map(KernelVersion::parse).or(Optional::empty),
                set(excludes, "caps"),
                set(excludes, "arches"));
    }

    private static Set<String> set(Json.Obj object, String key) {
        return new HashSet<>(object.texts(key));
    }
}
