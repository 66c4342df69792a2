package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import io.keelson.proto.ContainerMetrics;
import io.keelson.proto.ContainerStats;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.LinuxContainerConfig;
import io.keelson.proto.LinuxContainerResources;
import io.keelson.proto.LinuxPodSandboxStats;
import io.keelson.proto.ListMetricDescriptorsRequest;
import io.keelson.proto.ListPodSandboxMetricsRequest;
import io.keelson.proto.Metric;
import io.keelson.proto.MetricDescriptor;
import io.keelson.proto.MetricType;
import io.keelson.proto.NamespaceMode;
import io.keelson.proto.PodSandboxMetrics;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.StreamPodSandboxMetricsRequest;
import java.io.IOException;
import java.io.OutputStream;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

/** Loads that are known, and what is said of them beside what the kernel's files say. */
class StatisticsIT {
    private static final long MEBIBYTE = 1 << 20;

    /** Touches 64 MiB, writes 10 MiB, has 37 processes, has used 2 s of one core, and serves a file of 1 MiB. */
    private static final String WORK = "mkdir /srv; dd if=/dev/zero of=/srv/file bs=1024k count=1;"
            + " dd if=/dev/zero of=/written bs=1024k count=9;"
            + " n=0; while [ $n -lt 35 ]; do sleep 100000 & n=$((n+1)); done;"
            + " httpd -f -p 8080 -h /srv &"
            + " touched=$(head -c 67108864 /dev/zero | tr '\\0' x);"
            + " timeout 2 sh -c 'while :; do :; done'; echo ready; wait";

    /** A child that wants more memory than there is; the container goes on without it. */
    private static final String GREEDY =
            "(wanted=$(head -c 200000000 /dev/zero | tr '\\0' x)); echo ready; sleep 100000";

    private static LifeScene scene;
    private static String work;
    private static String greedy;
    private static String throttled;

    @BeforeAll
    static void start() throws Exception {
        scene = LifeScene.inItsOwnCgroup(NamespaceMode.CONTAINER);
        throttled = scene.startReady(LifeScene.shell("throttled", "echo ready; while :; do :; done")
                .setLinux(limits(LinuxContainerResources.newBuilder()
                        .setCpuPeriod(100_000)
                        .setCpuQuota(10_000)
                        .setCpuShares(20))));
        work = scene.startReady(LifeScene.shell("work", WORK));
        greedy = scene.startReady(LifeScene.shell("greedy", GREEDY)
                .setLinux(limits(LinuxContainerResources.newBuilder().setMemoryLimitInBytes(64 * MEBIBYTE))));
    }

    @AfterAll
    static void end() throws IOException {
        if (scene != null) {
            scene.close();
        }
    }

    private static LinuxContainerConfig limits(LinuxContainerResources.Builder resources) {
        return LinuxContainerConfig.newBuilder().setResources(resources).build();
    }

    @Test
    void memoryAndCpuAreThoseOfTheCgroupsFiles() throws Exception {
        assumeVersion1();
        var cpuBefore = number(work, "cpuacct", "cpuacct.usage");
        var stats = stats(work);
        var cpuAfter = number(work, "cpuacct", "cpuacct.usage");

        assertThat(stats.getCpu().getUsageCoreNanoSeconds().getValue()).isBetween(cpuBefore, cpuAfter);
        assertThat(cpuBefore).isGreaterThan(1_000_000_000L);
        var usage = number(work, "memory", "memory.usage_in_bytes");
        var memory = stats.getMemory();
        assertThat(memory.getUsageBytes().getValue()).isBetween(usage - MEBIBYTE, usage + MEBIBYTE);
        assertThat(memory.getRssBytes().getValue())
                .isGreaterThan(64 * MEBIBYTE)
                .isBetween(line(work, "total_rss") - MEBIBYTE, line(work, "total_rss") + MEBIBYTE);
        assertThat(memory.getWorkingSetBytes().getValue())
                .isBetween(
                        usage - line(work, "total_inactive_file") - MEBIBYTE,
                        usage - line(work, "total_inactive_file") + MEBIBYTE);
        assertThat(memory.getPageFaults().getValue()).isBetween(16_384L, line(work, "total_pgfault"));
        assertThat(memory.hasAvailableBytes()).isFalse();
        assertThat(stats.getSwap().getSwapUsageBytes().getValue()).isEqualTo(line(work, "total_swap"));
        assertThat(stats.getSwap().hasSwapAvailableBytes()).isFalse();

        var limited = stats(greedy);
        assertThat(limited.getMemory().getAvailableBytes().getValue())
                .isEqualTo(
                        64 * MEBIBYTE - limited.getMemory().getWorkingSetBytes().getValue());
    }

    @Test
    void theRateOfTheCpuIsThatOfTheLastSeconds() {
        Awaitility.await("a window")
                .atMost(LifeScene.PATIENCE)
                .until(() -> stats(throttled).getCpu().hasUsageNanoCores());
        // It never gets more than a tenth of a core.
        assertThat(stats(throttled).getCpu().getUsageNanoCores().getValue()).isBetween(1L, 200_000_000L);
        assertThat(podStats().getCpu().getUsageCoreNanoSeconds().getValue())
                .isGreaterThan(
                        stats(throttled).getCpu().getUsageCoreNanoSeconds().getValue());
    }

    @Test
    void theWritableLayerHasWhatWasWritten() {
        Awaitility.await("a look at the layer")
                .atMost(LifeScene.PATIENCE)
                .until(() -> stats(work).getWritableLayer().getUsedBytes().getValue() >= 10 * MEBIBYTE);
        var layer = stats(work).getWritableLayer();
        assertThat(layer.getUsedBytes().getValue()).isBetween(10 * MEBIBYTE, 11 * MEBIBYTE);
        // Its root, /srv, the two files, and what the runtime put there for mounts.
        assertThat(layer.getInodesUsed().getValue()).isBetween(4L, 20L);
        assertThat(layer.getTimestamp()).isPositive();
        assertThat(Path.of(layer.getFsId().getMountpoint())).isDirectory();
        assertThat(metric(work, "container_fs_usage_bytes"))
                .isEqualTo(layer.getUsedBytes().getValue());
    }

    @Test
    void theNetworkIsThatOfThePod() throws Exception {
        var before = interfaceLine();
        var address =
                Requests.podStatus(LifeScene.cri(), scene.podId()).getNetwork().getIp();
        try (var file = URI.create("http://" + address + ":8080/file").toURL().openStream()) {
            assertThat(file.transferTo(OutputStream.nullOutputStream())).isEqualTo(MEBIBYTE);
        }
        var middle = interfaceLine();
        var network = podStats().getNetwork().getDefaultInterface();
        var metrics = podMetrics().getMetricsList();
        var after = interfaceLine();

        assertThat(middle[8] - before[8]).isGreaterThanOrEqualTo(MEBIBYTE);
        assertThat(network.getRxBytes().getValue()).isBetween(middle[0], after[0]);
        assertThat(network.getTxBytes().getValue()).isBetween(middle[8], after[8]);
        assertThat(network.getRxErrors().getValue()).isBetween(middle[2], after[2]);
        assertThat(network.getTxErrors().getValue()).isBetween(middle[10], after[10]);
        assertThat(value(metrics, "container_network_receive_bytes_total")).isBetween(middle[0], after[0]);
        assertThat(value(metrics, "container_network_receive_packets_total")).isBetween(middle[1], after[1]);
        assertThat(value(metrics, "container_network_transmit_bytes_total")).isBetween(middle[8], after[8]);
        assertThat(value(metrics, "container_network_transmit_packets_total")).isBetween(middle[9], after[9]);
        assertThat(value(metrics, "container_network_transmit_packets_dropped_total"))
                .isBetween(middle[11], after[11]);
    }

    @Test
    void metricsAreThoseOfTheCgroupsFiles() throws Exception {
        assumeVersion1();
        // A request to its server has a process of its own, for a moment longer than the answer.
        Awaitility.await("the processes of the load alone")
                .atMost(LifeScene.PATIENCE)
                .until(() -> metric(work, "container_processes") == 37);
        assertThat(metric(work, "container_threads")).isEqualTo(number(work, "pids", "pids.current"));
        assertThat(metric(work, "container_file_descriptors")).isGreaterThanOrEqualTo(37 * 3);
        assertThat(metric(work, "container_sockets")).isEqualTo(1);
        assertThat(metric(work, "container_memory_max_usage_bytes"))
                .isEqualTo(number(work, "memory", "memory.max_usage_in_bytes"));
        assertThat(metric(work, "container_memory_cache"))
                .isBetween(line(work, "total_cache") - MEBIBYTE, line(work, "total_cache") + MEBIBYTE);
        assertThat(metric(work, "container_cpu_usage_seconds_total"))
                .isBetween(1L, number(work, "cpuacct", "cpuacct.usage") / 1_000_000_000 + 1);
        assertThat(metric(work, "container_spec_memory_limit_bytes")).isZero();
        assertThat(metric(work, "container_start_time_seconds"))
                .isEqualTo(LifeScene.status(work).getStartedAt() / 1_000_000_000);

        assertThat(metric(greedy, "container_oom_events_total")).isEqualTo(1);
        assertThat(metric(greedy, "container_memory_failcnt")).isEqualTo(number(greedy, "memory", "memory.failcnt"));
        assertThat(metric(greedy, "container_spec_memory_limit_bytes")).isEqualTo(64 * MEBIBYTE);

        var periods = throttlings();
        // The first ones may be of a reading that another call made a moment ago.
        Awaitility.await("a reading that was made since")
                .atMost(LifeScene.PATIENCE)
                .until(() -> metric(throttled, "container_cpu_cfs_throttled_periods_total") >= Math.max(1, periods));
        assertThat(metric(throttled, "container_cpu_cfs_throttled_periods_total"))
                .isBetween(periods, throttlings());
        assertThat(metric(throttled, "container_spec_cpu_quota")).isEqualTo(10_000);
        assertThat(metric(throttled, "container_spec_cpu_period")).isEqualTo(100_000);
        assertThat(metric(throttled, "container_spec_cpu_shares")).isEqualTo(20);
    }

    @Test
    void everyMetricIsDescribedAndHasItsLabelsInOrder() {
        var descriptors = LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .listMetricDescriptors(ListMetricDescriptorsRequest.getDefaultInstance())
                .getDescriptorsList()
                .stream()
                .collect(Collectors.toMap(MetricDescriptor::getName, Function.identity()));

        assertThat(descriptors.keySet()).containsExactlyInAnyOrderElementsOf(MetricNames.ALL);
        assertThat(descriptors.values())
                .allSatisfy(descriptor -> assertThat(descriptor.getHelp()).isNotBlank());
        podMetrics().getMetricsList().forEach(metric -> check(metric, descriptors, scene.podId()));
        for (var container : podMetrics().getContainerMetricsList()) {
            container.getMetricsList().forEach(metric -> check(metric, descriptors, container.getContainerId()));
        }
        assertThat(podMetrics().getContainerMetricsList())
                .extracting(ContainerMetrics::getContainerId)
                .containsExactlyInAnyOrder(work, greedy, throttled);
    }

    private static void check(Metric metric, Map<String, MetricDescriptor> descriptors, String id) {
        assertThat(descriptors).containsKey(metric.getName());
        var keys = descriptors.get(metric.getName()).getLabelKeysList();
        assertThat(metric.getLabelValuesList()).as(metric.getName()).hasSameSizeAs(keys);
        assertThat(metric.getLabelValues(keys.indexOf("name"))).isEqualTo(id);
        assertThat(metric.getLabelValues(keys.indexOf("namespace"))).isNotEmpty();
        assertThat(metric.getTimestamp()).isPositive();
        assertThat(metric.getMetricType() == MetricType.COUNTER)
                .as(metric.getName())
                .isEqualTo((metric.getName().endsWith("_total")
                                && !metric.getName().equals("container_fs_inodes_total"))
                        || metric.getName().equals("container_memory_failcnt"));
    }

    @Test
    void theStreamOfMetricsSaysWhatTheListSays() {
        var streamed = LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .streamPodSandboxMetrics(StreamPodSandboxMetricsRequest.getDefaultInstance());
        var ids = new ArrayList<String>();
        streamed.forEachRemaining(
                page -> page.getPodSandboxMetricsList().forEach(pod -> ids.add(pod.getPodSandboxId())));

        assertThat(ids)
                .containsExactlyInAnyOrderElementsOf(metrics().stream()
                        .map(PodSandboxMetrics::getPodSandboxId)
                        .toList());
    }

    private static void assumeVersion1() {
        assumeThat(LifeScene.isUnified())
                .as("the files read by hand are those of cgroup version 1")
                .isFalse();
    }

    private static ContainerStats stats(String id) {
        return LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .containerStats(
                        ContainerStatsRequest.newBuilder().setContainerId(id).build())
                .getStats();
    }

    private static LinuxPodSandboxStats podStats() {
        return LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .podSandboxStats(PodSandboxStatsRequest.newBuilder()
                        .setPodSandboxId(scene.podId())
                        .build())
                .getStats()
                .getLinux();
    }

    private static List<PodSandboxMetrics> metrics() {
        return LifeScene.cri()
                .runtime(Requests.DEADLINE)
                .listPodSandboxMetrics(ListPodSandboxMetricsRequest.getDefaultInstance())
                .getPodMetricsList();
    }

    private static PodSandboxMetrics podMetrics() {
        return metrics().stream()
                .filter(pod -> pod.getPodSandboxId().equals(scene.podId()))
                .findFirst()
                .orElseThrow();
    }

    private static long metric(String container, String name) {
        return value(
                podMetrics().getContainerMetricsList().stream()
                        .filter(each -> each.getContainerId().equals(container))
                        .findFirst()
                        .orElseThrow()
                        .getMetricsList(),
                name);
    }

    private static long value(List<Metric> metrics, String name) {
        return metrics.stream()
                .filter(metric -> metric.getName().equals(name))
                .findFirst()
                .orElseThrow(() -> new AssertionError("no metric " + name))
                .getValue()
                .getValue();
    }

    private static long number(String id, String controller, String file) throws IOException {
        return Long.parseLong(
                Files.readString(scene.cgroup(controller, id).resolve(file)).strip());
    }

    private static long line(String id, String name) throws IOException {
        return lineOf(scene.cgroup("memory", id).resolve("memory.stat"), name);
    }

    private static long throttlings() throws IOException {
        return lineOf(scene.cgroup("cpu", throttled).resolve("cpu.stat"), "nr_throttled");
    }

    private static long lineOf(Path file, String name) throws IOException {
        return Files.readAllLines(file).stream()
                .filter(line -> line.startsWith(name + " "))
                .mapToLong(line -> Long.parseLong(line.substring(name.length() + 1)))
                .findFirst()
                .orElseThrow();
    }

    /** The numbers of {@code eth0} as the container itself reads them. */
    private static long[] interfaceLine() {
        return Requests.exec(LifeScene.cri(), work, "cat", "/proc/net/dev")
                .getStdout()
                .toStringUtf8()
                .lines()
                .map(String::strip)
                .filter(line -> line.startsWith("eth0:"))
                .map(line -> line.substring("eth0:".length()).strip().split(" +"))
                .map(words -> List.of(words).stream().mapToLong(Long::parseLong).toArray())
                .findFirst()
                .orElseThrow();
    }
}
