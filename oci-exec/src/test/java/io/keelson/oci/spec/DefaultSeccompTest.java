package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
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

    @Test
    void addressFamiliesThatLeadToTheHostAreRefused() {
        var refused = new ArrayList<Long>();
        for (var entry : profile(NONE, "amd64").objects("syscalls")) {
            if (entry.texts("names").contains("socket") && entry.text("action").equals("SCMP_ACT_ERRNO")) {
                entry.objects("args").forEach(argument -> refused.add(argument.number("value")));
            }
        }
        assertThat(refused).as("AF_VSOCK").contains(40L);
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
