package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.LongStream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class DefaultSeccompTest {
    private static final Set<String> NONE = Set.of();

    @Test
    void callsThatNoRuleNamesAnswerEnosys() {
        var profile = profile(NONE, "amd64");

        assertThat(profile.text("defaultAction")).isEqualTo("SCMP_ACT_ERRNO");
        assertThat(profile.number("defaultErrnoRet")).isEqualTo(38);
        assertThat(profile.texts("architectures")).contains("SCMP_ARCH_X86_64");
    }

    @Test
    void ordinaryCallsAreAllowed() {
        for (var call : List.of("read", "openat", "execve", "clock_gettime")) {
            assertThat(actions(profile(NONE, "amd64"), call)).containsExactly("SCMP_ACT_ALLOW");
        }
    }

    @Test
    void aCallThatNeedsACapabilityIsAllowedOnlyWithIt() {
        assertThat(actions(profile(NONE, "amd64"), "chroot")).containsExactly("SCMP_ACT_ERRNO");
        assertThat(actions(profile(Set.of("CAP_SYS_CHROOT"), "amd64"), "chroot"))
                .containsExactly("SCMP_ACT_ALLOW");
    }

    @Test
    void oneOfSeveralCapabilitiesIsEnough() {
        assertThat(actions(profile(NONE, "amd64"), "bpf")).containsExactly("SCMP_ACT_ERRNO");
        for (var capability : List.of("CAP_BPF", "CAP_SYS_ADMIN")) {
            assertThat(actions(profile(Set.of(capability), "amd64"), "bpf")).containsExactly("SCMP_ACT_ALLOW");
        }
    }

    @Test
    void callsOfOtherArchitecturesAreLeftOut() {
        assertThat(actions(profile(NONE, "amd64"), "arch_prctl")).containsExactly("SCMP_ACT_ALLOW");
        assertThat(actions(profile(NONE, "arm64"), "arch_prctl")).isEmpty();
        assertThat(actions(profile(NONE, "arm64"), "cacheflush")).containsExactly("SCMP_ACT_ALLOW");
    }

    /** A rule that merely excludes a family lets a number with that family in its lower half pass. */
    @Test
    @Tag("T18")
    void familiesOfSocketsThatLeadToTheHostAreRefusedAndOthersAllowedByTheirNumbers() {
        for (var capabilities : List.of(NONE, Set.of("CAP_AUDIT_WRITE"))) {
            var allowed = new TreeSet<Long>();
            for (var rule : socketRules(capabilities, "SCMP_ACT_ALLOW")) {
                var family = rule.objects("args").getFirst();
                assertThat(family.number("index")).isZero();
                var value = family.number("value");
                switch (family.text("op")) {
                    case "SCMP_CMP_EQ" -> allowed.add(value);
                    case "SCMP_CMP_LT" -> LongStream.range(0, value).forEach(allowed::add);
                    default -> throw new AssertionError("not by its number: " + family);
                }
            }
            assertThat(allowed)
                    .as("AF_UNIX, AF_INET, AF_INET6, AF_NETLINK, AF_PACKET")
                    .contains(1L, 2L, 10L, 16L, 17L)
                    .as("AF_ALG, AF_VSOCK")
                    .doesNotContain(38L, 40L)
                    .hasSize(44);
            assertThat(socketRules(capabilities, "SCMP_ACT_ERRNO").stream()
                            .map(rule -> rule.objects("args").getFirst().number("value")))
                    .contains(38L, 40L);
        }
    }

    private static List<Json.Obj> socketRules(Set<String> capabilities, String action) {
        return profile(capabilities, "amd64").objects("syscalls").stream()
                .filter(entry -> entry.texts("names").contains("socket")
                        && entry.text("action").equals(action))
                .toList();
    }

    private static List<String> actions(Json.Obj profile, String call) {
        return profile.objects("syscalls").stream()
                .filter(entry -> entry.texts("names").contains(call))
                .map(entry -> entry.text("action"))
                .toList();
    }

    private static Json.Obj profile(Set<String> capabilities, String architecture) {
        return DefaultSeccomp.profile(capabilities, architecture, new KernelVersion(6, 18));
    }
}
