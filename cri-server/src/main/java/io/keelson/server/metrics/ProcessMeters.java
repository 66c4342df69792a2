package io.keelson.server.metrics;

import io.keelson.host.linux.Inodes;
import io.micrometer.core.instrument.FunctionCounter;
import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import java.io.IOException;
import java.lang.management.GarbageCollectorMXBean;
import java.lang.management.ManagementFactory;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.function.DoubleSupplier;
import java.util.function.ToLongFunction;

/** The daemon as a process, and the machine that it runs in. */
final class ProcessMeters {
    private static final Path SELF = Path.of("/proc/self");
    private static final Path DESCRIPTORS = SELF.resolve("fd");
    private static final double MILLIS = 1000;
    private static final double NANOS = 1_000_000_000;
    private static final long KIBIBYTE = 1024;

    private ProcessMeters() {}

    static void register(MeterRegistry registry) {
        var memory = ManagementFactory.getMemoryMXBean();
        var runtime = ManagementFactory.getRuntimeMXBean();
        gauge(
                registry,
                "keelson.jvm.heap.used",
                "bytes",
                "Heap in use.",
                () -> memory.getHeapMemoryUsage().getUsed());
        gauge(
                registry,
                "keelson.jvm.heap.max",
                "bytes",
                "Largest heap.",
                () -> memory.getHeapMemoryUsage().getMax());
        gauge(
                registry,
                "keelson.jvm.threads",
                "",
                "Platform threads.",
                ManagementFactory.getThreadMXBean()::getThreadCount);
        counter(
                registry,
                "keelson.jvm.gc.pauses",
                "seconds",
                "Time for which the collector stopped everything.",
                () -> collectors(GarbageCollectorMXBean::getCollectionTime) / MILLIS);
        counter(
                registry,
                "keelson.jvm.gc.collections",
                "",
                "Collections.",
                () -> collectors(GarbageCollectorMXBean::getCollectionCount));
        gauge(
                registry,
                "keelson.process.start.time",
                "seconds",
                "When the daemon started, since 1970.",
                () -> runtime.getStartTime() / MILLIS);
        gauge(
                registry,
                "keelson.process.resident.memory",
                "bytes",
                "Memory that is not swapped.",
                () -> status("VmRSS:") * KIBIBYTE);
        gauge(registry, "keelson.process.open.fds", "", "Open file descriptors.", ProcessMeters::descriptors);
        if (ManagementFactory.getOperatingSystemMXBean() instanceof com.sun.management.OperatingSystemMXBean system) {
            counter(registry, "keelson.process.cpu", "seconds", "CPU time.", () -> system.getProcessCpuTime() / NANOS);
        }
    }

    private static void gauge(MeterRegistry registry, String name, String unit, String help, DoubleSupplier value) {
        Gauge.builder(name, value::getAsDouble)
                .baseUnit(unit.isEmpty() ? null : unit)
                .description(help)
                .strongReference(true)
                .register(registry);
    }

    private static void counter(MeterRegistry registry, String name, String unit, String help, DoubleSupplier value) {
        FunctionCounter.builder(name, value, DoubleSupplier::getAsDouble)
                .baseUnit(unit.isEmpty() ? null : unit)
                .description(help)
                .register(registry);
    }

    private static long collectors(ToLongFunction<GarbageCollectorMXBean> number) {
        return ManagementFactory.getGarbageCollectorMXBeans().stream()
                .mapToLong(number)
                .filter(each -> each > 0)
                .sum();
    }

    private static long status(String name) {
        try {
            return Files.readString(SELF.resolve("status"), StandardCharsets.US_ASCII)
                    .lines()
                    .filter(line -> line.startsWith(name))
                    .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
                    .findFirst()
                    .orElse(0);
        } catch (IOException e) {
            return 0;
        }
    }

    /** Kernels from 6.2 on count them, as the size of the directory (proc_pid_fd(5)); a node's daemon has thousands. */
    private static long descriptors() {
        var counted = Inodes.lstat(DESCRIPTORS).map(Inodes.Stat::sizeBytes).orElse(0L);
        return counted > 0 ? counted : listedDescriptors();
    }

    private static long listedDescriptors() {
        try (var open = Files.list(DESCRIPTORS)) {
            return open.count();
        } catch (IOException e) {
            return 0;
        }
    }
}
