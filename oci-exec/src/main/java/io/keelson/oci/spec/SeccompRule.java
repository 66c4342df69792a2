package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/**
 * What a seccomp profile says of some system calls, and when it says it.
 *
 * @param names the system calls
 * @param outcome the OCI's {@code action}, {@code errnoRet} and {@code args}, which the runtime takes as they are
 */
record SeccompRule(List<String> names, Json.Obj outcome, Condition when) {
    /** The container's circumstances: its capabilities, the machine in Go's words ({@code amd64}), and the kernel. */
    record Circumstances(Set<String> capabilities, String architecture, KernelVersion kernel) {}

    /** Empty lists are no condition. A rule of several architectures, or capabilities to exclude, needs one of them. */
    record Condition(
            Set<String> allCapabilities,
            Set<String> architectures,
            Optional<KernelVersion> minimumKernel,
            Set<String> noneOfCapabilities,
            Set<String> noneOfArchitectures) {
        static final Condition ALWAYS = new Condition(Set.of(), Set.of(), Optional.empty(), Set.of(), Set.of());

        boolean holds(Circumstances now) {
            return now.capabilities().containsAll(allCapabilities)
                    && (architectures.isEmpty() || architectures.contains(now.architecture()))
                    && minimumKernel.stream().allMatch(minimum -> now.kernel().compareTo(minimum) >= 0)
                    && noneOfCapabilities.stream().noneMatch(now.capabilities()::contains)
                    && !noneOfArchitectures.contains(now.architecture());
        }
    }

    Json.Obj toJson() {
        var json = Json.object().putTexts("names", names);
        outcome.members().forEach(json::put);
        return json.build();
    }
}
