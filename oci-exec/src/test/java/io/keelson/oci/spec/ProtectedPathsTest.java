package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.List;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

class ProtectedPathsTest {
    /** Written here a second time, so that a path does not go unnoticed from the list. */
    private static final List<String> HIDDEN = List.of(
            "/proc/acpi",
            "/proc/asound",
            "/proc/interrupts",
            "/proc/kcore",
            "/proc/keys",
            "/proc/latency_stats",
            "/proc/sched_debug",
            "/proc/scsi",
            "/proc/timer_list",
            "/proc/timer_stats",
            "/sys/class/powercap",
            "/sys/dev/block",
            "/sys/devices/system/cpu/cpu0/thermal_throttle",
            "/sys/devices/system/cpu/cpu1/thermal_throttle",
            "/sys/devices/virtual/powercap",
            "/sys/firmware",
            "/sys/fs/selinux");

    private static final List<String> FIXED =
            List.of("/proc/bus", "/proc/fs", "/proc/irq", "/proc/sys", "/proc/sysrq-trigger");

    @Test
    @Tag("T18")
    void everyPathThatTellsOfTheHostIsHiddenWhateverTheRequestLists() {
        var linux = linux(false);
        assertThat(linux.texts("maskedPaths")).containsExactlyInAnyOrderElementsOf(HIDDEN);
        assertThat(linux.texts("readonlyPaths")).containsExactlyInAnyOrderElementsOf(FIXED);
        assertThat(ProtectedPaths.withMasked(List.of("/proc/kcore"), SpecRequests.MACHINE))
                .containsExactlyInAnyOrderElementsOf(HIDDEN);
        assertThat(ProtectedPaths.withReadonly(List.of("/mine"))).containsAll(FIXED);
    }

    @Test
    void aPrivilegedContainerSeesTheHost() {
        assertThat(linux(true).has("maskedPaths")).isFalse();
        assertThat(linux(true).has("readonlyPaths")).isFalse();
    }

    private static Json.Obj linux(boolean privileged) {
        return SpecRequests.config(SpecRequests.ROOT, SpecRequests.security(privileged, SpecRequests.ALL.all()))
                .object("linux");
    }
}
