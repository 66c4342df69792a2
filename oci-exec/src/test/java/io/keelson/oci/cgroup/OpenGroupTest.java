package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.cgroup.GroupLook.HugePages;
import io.keelson.oci.cgroup.Pressure.Stall;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.concurrent.Callable;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Trees of plain files, as kernels of both versions fill them. */
class OpenGroupTest {
    private static final String GROUP = "/pods/one";
    private static final int ROUNDS = 50;
    private static final int READERS = 4;

    @TempDir
    Path root;

    @Test
    void version2TellsEverythingInOneDirectory() throws IOException {
        var cgroups = new Cgroups(new CgroupLayout.Unified(root));
        write(
                "pods/one/cpu.stat",
                "usage_usec 2500\nuser_usec 2000\nsystem_usec 500\nnr_periods 7\nnr_throttled 3\nthrottled_usec 9\n");
        write("pods/one/memory.current", "5000\n");
        write("pods/one/memory.peak", "9000\n");
        write(
                "pods/one/memory.stat",
                "anon 3000\nfile 2000\nkernel 100\nfile_mapped 50\ninactive_file 1500\npgfault 11\npgmajfault 2\n");
        write("pods/one/memory.events", "low 0\nhigh 0\nmax 4\noom 1\noom_kill 1\n");
        write("pods/one/memory.swap.current", "400\n");
        write("pods/one/memory.swap.max", "1000\n");
        write(
                "pods/one/memory.pressure",
                "some avg10=1.50 avg60=0.25 avg300=0.10 total=77\nfull avg10=0.00 avg60=0.00 avg300=0.00 total=33\n");
        write("pods/one/cpu.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");
        write("pods/one/io.stat", "254:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n259:0 \n");
        write("pods/one/hugetlb.2MB.current", "2097152\n");
        write("pods/one/pids.current", "5\n");
        write("pods/one/pids.max", "max\n");
        write("pods/one/cgroup.procs", "12\n0\n13\n");

        try (var group = cgroups.open(GROUP)) {
            var look = group.look();
            var usage = look.usage();

            assertThat(usage.cpuNanos()).hasValue(2_500_000);
            assertThat(usage.workingSetBytes()).hasValue(3500);
            assertThat(usage.swapBytes()).hasValue(400);
            assertThat(usage.swapAvailableBytes()).hasValue(600);
            assertThat(usage.memoryPressure())
                    .contains(new Pressure(new Stall(77, 1.5, 0.25, 0.1), new Stall(33, 0, 0, 0)));
            assertThat(usage.cpuPressure().orElseThrow().full().totalMicros()).isZero();
            assertThat(usage.ioPressure()).isEmpty();
            assertThat(look.find(GroupCounter.CPU_USER)).hasValue(2_000_000);
            assertThat(look.find(GroupCounter.CPU_THROTTLED)).hasValue(9000);
            assertThat(look.find(GroupCounter.MEMORY_PEAK)).hasValue(9000);
            assertThat(look.find(GroupCounter.MEMORY_FAILURES)).hasValue(4);
            assertThat(look.find(GroupCounter.OOM_KILLS)).hasValue(1);
            assertThat(look.find(GroupCounter.KERNEL_MEMORY)).hasValue(100);
            assertThat(look.find(GroupCounter.THREADS)).hasValue(5);
            assertThat(look.find(GroupCounter.THREADS_LIMIT)).isEmpty();
            assertThat(look.find(GroupCounter.OWN_PAGE_FAULTS)).isEmpty();
            assertThat(look.traffic()).containsExactly(new DeviceTraffic("254:0", 1, 4096, 2, 8192));
            assertThat(look.hugePages(List.of("1GB", "2MB")))
                    .containsExactly(new HugePages("2MB", 2097152, OptionalLong.empty()));
            assertThat(look.processes()).containsExactly(12L, 13L);
            assertThat(group.processCount()).isEqualTo(2);
        }
    }

    @Test
    void version1TellsEachControllerInItsOwn() throws IOException {
        var cgroups = new Cgroups(new CgroupLayout.Legacy(Map.of(
                "cpuacct", root.resolve("cpuacct"),
                "cpu", root.resolve("cpu"),
                "memory", root.resolve("memory"),
                "blkio", root.resolve("blkio"),
                "hugetlb", root.resolve("hugetlb"))));
        write("cpuacct/pods/one/cpuacct.usage", "123456789\n");
        write("cpuacct/pods/one/cpuacct.stat", "user 10\nsystem 2\n");
        write("cpu/pods/one/cpu.stat", "nr_periods 7\nnr_throttled 3\nthrottled_time 900\n");
        write("memory/pods/one/memory.usage_in_bytes", "1000\n");
        write("memory/pods/one/memory.stat", """
                inactive_file 1
                pgfault 3
                hierarchical_memory_limit 5000
                hierarchical_memsw_limit 8000
                total_rss 10
                total_swap 500
                total_inactive_file 4000
                total_pgfault 9
                """);
        write("memory/pods/one/memory.oom_control", "oom_kill_disable 0\nunder_oom 0\noom_kill 2\n");
        write(
                "blkio/pods/one/blkio.throttle.io_service_bytes_recursive",
                "254:0 Read 10\n254:0 Write 20\n254:0 Sync 30\nTotal 30\n");
        write("blkio/pods/one/blkio.throttle.io_serviced_recursive", "254:0 Read 1\n254:0 Write 2\nTotal 3\n");
        write("hugetlb/pods/one/hugetlb.2MB.usage_in_bytes", "0\n");
        write("hugetlb/pods/one/hugetlb.2MB.max_usage_in_bytes", "4194304\n");

        try (var group = cgroups.open(GROUP)) {
            var look = group.look();
            var usage = look.usage();

            assertThat(usage.cpuNanos()).hasValue(123456789);
            assertThat(usage.workingSetBytes()).hasValue(0);
            assertThat(usage.swapBytes()).hasValue(500);
            assertThat(usage.swapAvailableBytes()).hasValue(2500);
            assertThat(usage.cpuPressure()).isEmpty();
            assertThat(look.find(GroupCounter.CPU_SYSTEM)).hasValue(20_000_000);
            assertThat(look.find(GroupCounter.OOM_KILLS)).hasValue(2);
            assertThat(look.find(GroupCounter.PAGE_FAULTS)).hasValue(9);
            assertThat(look.find(GroupCounter.OWN_PAGE_FAULTS)).hasValue(3);
            assertThat(look.find(GroupCounter.THREADS)).isEmpty();
            assertThat(look.traffic()).containsExactly(new DeviceTraffic("254:0", 1, 10, 2, 20));
            assertThat(look.hugePages(List.of("2MB")))
                    .containsExactly(new HugePages("2MB", 0, OptionalLong.of(4194304)));
        }
    }

    @Test
    void aLimitOfPagesThatNoMachineHasIsNone() throws IOException {
        var cgroups = new Cgroups(new CgroupLayout.Legacy(Map.of("memory", root)));
        write(
                "pods/one/memory.stat",
                "hierarchical_memory_limit 5000\nhierarchical_memsw_limit 9223372036854771712\ntotal_swap 0\n");

        try (var group = cgroups.open(GROUP)) {
            assertThat(group.look().usage().swapBytes()).hasValue(0);
            assertThat(group.look().usage().swapAvailableBytes()).isEmpty();
        }
    }

    @Test
    void pressureStandsBesideVersion1() throws IOException {
        var cgroups = new Cgroups(
                new CgroupLayout.Hybrid(Map.of("memory", root.resolve("memory")), root.resolve("unified"), List.of()));
        write("unified/pods/one/io.pressure", "some avg10=0.00 avg60=0.00 avg300=0.00 total=5\n");

        try (var group = cgroups.open(GROUP)) {
            assertThat(group.look().usage().ioPressure()).isPresent();
        }
    }

    @Test
    void seesWhatChangesAndAGroupThatComesLater() throws IOException {
        var cgroups = new Cgroups(new CgroupLayout.Unified(root));
        try (var group = cgroups.open(GROUP)) {
            assertThat(group.look().usage().isEmpty()).isTrue();

            write("pods/one/memory.current", "5000\n");
            assertThat(group.look().find(GroupCounter.MEMORY)).hasValue(5000);
            write("pods/one/memory.current", "77\n");
            assertThat(group.look().find(GroupCounter.MEMORY)).hasValue(77);
        }
    }

    @Test
    void oneLookTellsTheSameWhenAFileHasChanged() throws IOException {
        write("pods/one/memory.current", "5000\n");
        try (var group = new Cgroups(new CgroupLayout.Unified(root)).open(GROUP)) {
            var look = group.look();
            assertThat(look.find(GroupCounter.MEMORY)).hasValue(5000);
            write("pods/one/memory.current", "77\n");
            write("pods/one/memory.peak", "9000\n");
            write("pods/one/cgroup.procs", "12\n");
            assertThat(look.processes()).containsExactly(12L);
            write("pods/one/cgroup.procs", "13\n");

            assertThat(look.processes()).containsExactly(12L);
            assertThat(look.find(GroupCounter.MEMORY)).hasValue(5000);
            assertThat(look.find(GroupCounter.MEMORY_PEAK)).hasValue(9000);
        }
    }

    /** The file is so long that it changes while it is read. */
    @Test
    void oneLookTellsAllThreadsTheSame() throws Exception {
        write("pods/one/memory.stat", "anon 1000000\n" + "file 1\n".repeat(1 << 13));
        try (var group = new Cgroups(new CgroupLayout.Unified(root)).open(GROUP);
                var file = FileChannel.open(root.resolve("pods/one/memory.stat"), StandardOpenOption.WRITE);
                var threads = Executors.newFixedThreadPool(READERS)) {
            for (var round = 0; round < ROUNDS; round++) {
                var look = group.look();
                Callable<OptionalLong> reader = () -> look.find(GroupCounter.ANONYMOUS);
                var told = new HashSet<OptionalLong>();
                var readers = IntStream.range(0, READERS)
                        .mapToObj(_ -> threads.submit(reader))
                        .toList();
                for (var number = 1_000_001; !readers.stream().allMatch(Future::isDone); number++) {
                    file.write(StandardCharsets.US_ASCII.encode("anon " + number), 0);
                }
                readers.forEach(each -> told.add(each.resultNow()));
                assertThat(told).hasSize(1);
            }
        }
    }

    @Test
    void readsNothingOnceItIsClosed() throws IOException {
        write("pods/one/memory.current", "5000\n");
        var group = new Cgroups(new CgroupLayout.Unified(root)).open(GROUP);
        group.close();

        assertThat(group.look().usage().isEmpty()).isTrue();
    }

    private void write(String file, String text) throws IOException {
        var path = root.resolve(file);
        Files.createDirectories(path.getParent());
        Files.writeString(path, text);
    }
}
