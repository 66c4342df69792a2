package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostResourcesTest {
    private static final HostResources VERSION_2 =
            new HostResources(true, true, true, Set.of("2MB", "1GB"), "0-3,6", "0");
    private static final HostResources VERSION_1 = new HostResources(false, false, false, Set.of("2MB"), "0-1", "0");

    @TempDir
    Path sys;

    private static LinuxResources cpu(long period, long quota, long shares, String cpus, String mems) {
        return new LinuxResources(period, quota, shares, 0, 0, cpus, mems, Map.of(), Map.of(), 0);
    }

    private static LinuxResources memory(
            long limit, long swap, Map<String, Long> hugepages, Map<String, String> unified) {
        return new LinuxResources(0, 0, 0, limit, 0, "", "", hugepages, unified, swap);
    }

    private static void refused(HostResources host, LinuxResources wanted, Failure.Kind kind, String why) {
        assertThatThrownBy(() -> host.effective(wanted))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    @Test
    void whatNobodyAskedForIsNotLimited() {
        assertThat(VERSION_2.effective(LinuxResources.NONE)).isEqualTo(LinuxResources.NONE);
        assertThat(VERSION_1.effective(LinuxResources.NONE)).isEqualTo(LinuxResources.NONE);
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 0, 0, '', ''",
        "1000000, 0, 0, '', ''",
        "0, 1000, 0, '', ''",
        "0, -1, 0, '', ''",
        "0, 0, 2, '', ''",
        "0, 0, 262144, '', ''",
        "0, 0, 0, 0-3, 0",
        "0, 0, 0, '6,1-2', ''"
    })
    void whatTheKernelTakesIsTaken(long period, long quota, long shares, String cpus, String mems) {
        var wanted = cpu(period, quota, shares, cpus, mems);

        assertThat(VERSION_2.effective(wanted)).isEqualTo(wanted);
    }

    @ParameterizedTest
    @CsvSource({
        "999, 0, 0, '', '', INVALID, CPU period",
        "1000001, 0, 0, '', '', INVALID, CPU period",
        "0, 999, 0, '', '', INVALID, CPU quota",
        "0, 0, 1, '', '', INVALID, CPU shares",
        "0, 0, 262145, '', '', INVALID, CPU shares",
        "0, 0, 0, 4, '', WRONG_STATE, CPUs",
        "0, 0, 0, 0-4, '', WRONG_STATE, CPUs",
        "0, 0, 0, 3-0, '', INVALID, CPUs",
        "0, 0, 0, -1, '', INVALID, CPUs",
        "0, 0, 0, '0,,1', '', INVALID, CPUs",
        "0, 0, 0, 0-65536, '', INVALID, CPUs",
        "0, 0, 0, '', 1, WRONG_STATE, memory nodes",
        "0, 0, 0, '', '0,', INVALID, memory nodes"
    })
    void oneMoreOrLessIsRefused(
            long period, long quota, long shares, String cpus, String mems, Failure.Kind kind, String why) {
        refused(VERSION_2, cpu(period, quota, shares, cpus, mems), kind, why);
    }

    @Test
    void swapIsWhatTheMemoryLimitLeavesAndNothingIfNobodySaysSo() {
        assertThat(VERSION_2.effective(memory(100, 0, Map.of(), Map.of())).memorySwapLimitBytes())
                .isEqualTo(100);
        assertThat(VERSION_2.effective(memory(100, 150, Map.of(), Map.of())).memorySwapLimitBytes())
                .isEqualTo(150);
        assertThat(VERSION_2.effective(memory(100, -1, Map.of(), Map.of())).memorySwapLimitBytes())
                .isEqualTo(-1);
        assertThat(VERSION_2.effective(memory(-1, 0, Map.of(), Map.of())).memorySwapLimitBytes())
                .as("unlimited memory says nothing of swap")
                .isZero();
        assertThat(VERSION_2
                        .effective(memory(100, 0, Map.of(), Map.of("memory.swap.max", "7")))
                        .memorySwapLimitBytes())
                .as("said in the other way")
                .isZero();
        assertThat(VERSION_1.effective(memory(100, 0, Map.of(), Map.of())).memorySwapLimitBytes())
                .as("not counted")
                .isZero();
    }

    @Test
    void swapThatCannotBeIsRefused() {
        refused(VERSION_2, memory(100, 99, Map.of(), Map.of()), Failure.Kind.INVALID, "99");
        refused(VERSION_2, memory(0, 99, Map.of(), Map.of()), Failure.Kind.INVALID, "memory limit");
        refused(VERSION_1, memory(100, 100, Map.of(), Map.of()), Failure.Kind.WRONG_STATE, "does not count swap");
        refused(VERSION_1, memory(100, -1, Map.of(), Map.of()), Failure.Kind.WRONG_STATE, "does not count swap");
    }

    @Test
    void hugePagesOfASizeThatTheNodeHasNotAreRefused() {
        var limits = Map.of("2MB", 1L << 21, "1GB", 0L);
        assertThat(VERSION_2.effective(memory(0, 0, limits, Map.of())).hugepageLimits())
                .isEqualTo(limits);
        refused(VERSION_2, memory(0, 0, Map.of("64KB", 0L), Map.of()), Failure.Kind.WRONG_STATE, "1GB, 2MB");
        refused(VERSION_2, memory(0, 0, Map.of("2MB", -1L), Map.of()), Failure.Kind.INVALID, "18446744073709551615");
    }

    @Test
    void limitsOfHugePagesThatNothingCanKeepAreLeftOut() {
        assertThat(VERSION_1
                        .effective(memory(0, 0, Map.of("2MB", 0L), Map.of()))
                        .hugepageLimits())
                .isEmpty();
        refused(VERSION_1, memory(0, 0, Map.of("1GB", 0L), Map.of()), Failure.Kind.WRONG_STATE, "1GB");
    }

    @Test
    void filesOfVersion2AreForVersion2AndAreLimits() {
        var files = Map.of("pids.max", "9", "memory.high", "max");
        assertThat(VERSION_2.effective(memory(0, 0, Map.of(), files)).unified()).isEqualTo(files);
        refused(VERSION_1, memory(0, 0, Map.of(), files), Failure.Kind.WRONG_STATE, "memory.high, pids.max");
        for (var file : List.of("cgroup.kill", "cgroup.procs", "cgroup.subtree_control")) {
            refused(VERSION_2, memory(0, 0, Map.of(), Map.of(file, "1")), Failure.Kind.INVALID, file);
        }
        refused(VERSION_2, memory(0, 0, Map.of(), Map.of("pids.max", "1\n2")), Failure.Kind.INVALID, "pids.max");
    }

    private void file(String path, String content) throws IOException {
        var file = sys.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void aNodeIsAsItsFilesSay() throws IOException {
        file("kernel/mm/hugepages/hugepages-2048kB/nr_hugepages", "");
        file("kernel/mm/hugepages/hugepages-1048576kB/nr_hugepages", "");
        file("kernel/mm/hugepages/hugepages-64kB/nr_hugepages", "");
        file("devices/system/cpu/online", "0-7\n");
        file("devices/system/node/online", "0-1\n");
        file("fs/cgroup/cgroup.controllers", "cpu memory hugetlb\n");
        file("fs/cgroup/system.slice/memory.swap.max", "max");

        assertThat(HostResources.read(sys, new CgroupLayout.Unified(sys.resolve("fs/cgroup"))))
                .isEqualTo(new HostResources(true, true, true, Set.of("2MB", "1GB", "64KB"), "0-7", "0-1"));
    }

    @Test
    void aNodeWithoutAnyOfThatHasOneProcessorAndNoHugePages() throws IOException {
        file("fs/cgroup/cgroup.controllers", "cpu memory\n");

        assertThat(HostResources.read(sys, new CgroupLayout.Unified(sys.resolve("fs/cgroup"))))
                .isEqualTo(new HostResources(true, false, false, Set.of(), "0", "0"));
    }

    @Test
    void version1HasAHierarchyForEachController() throws IOException {
        file("fs/cgroup/memory/memory.memsw.limit_in_bytes", "");
        var memory = Map.of("memory", sys.resolve("fs/cgroup/memory"));

        assertThat(HostResources.read(sys, new CgroupLayout.Legacy(memory)))
                .isEqualTo(new HostResources(false, true, false, Set.of(), "0", "0"));
        assertThat(HostResources.read(
                                sys, new CgroupLayout.Hybrid(Map.of("hugetlb", sys), sys.resolve("unified"), List.of()))
                        .limitsHugepages())
                .isTrue();
    }
}
