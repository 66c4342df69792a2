package io.keelson.oci.systemd;

import io.keelson.oci.spec.LinuxResources;
import java.util.ArrayList;
import java.util.List;
import org.freedesktop.dbus.types.UInt32;
import org.freedesktop.dbus.types.UInt64;
import org.freedesktop.dbus.types.Variant;

/** Properties of slices and scopes (systemd.resource-control(5), systemd.scope(5)), as a pure function of what is wanted. */
final class UnitProperties {
    private static final UInt64 INFINITY = new UInt64("18446744073709551615");
    private static final long DEFAULT_PERIOD_MICROS = 100_000;
    private static final long MICROS_PER_SECOND = 1_000_000;

    /** systemd counts CPU quotas in hundredths of a processor; what is less is rounded up, so that no container's quota exceeds it. */
    private static final long QUOTA_STEP_MICROS = 10_000;

    private UnitProperties() {}

    static List<UnitProperty> slice(String description, LinuxResources limits, boolean isVersion2) {
        var properties = common(description);
        properties.addAll(limits(limits, isVersion2));
        return properties;
    }

    /** With the processes of containers below it, which are none of systemd's business. */
    static List<UnitProperty> scope(String description, String slice, long pid) {
        var properties = common(description);
        properties.add(property("Slice", slice));
        properties.add(new UnitProperty("PIDs", new Variant<>(List.of(new UInt32(pid)), "au")));
        properties.add(property("Delegate", true));
        // One that failed would keep its name.
        properties.add(property("CollectMode", "inactive-or-failed"));
        return properties;
    }

    /** What is not said is left out, and -1 is no limit. */
    static List<UnitProperty> limits(LinuxResources limits, boolean isVersion2) {
        var properties = new ArrayList<UnitProperty>();
        if (limits.memoryLimitBytes() != 0) {
            properties.add(property(isVersion2 ? "MemoryMax" : "MemoryLimit", amount(limits.memoryLimitBytes())));
        }
        if (limits.cpuShares() != 0) {
            properties.add(
                    isVersion2
                            ? property("CPUWeight", new UInt64(limits.cpuWeight()))
                            : property("CPUShares", new UInt64(limits.cpuShares())));
        }
        if (limits.cpuQuota() != 0) {
            properties.add(property("CPUQuotaPerSecUSec", perSecond(limits)));
            if (period(limits) != DEFAULT_PERIOD_MICROS) {
                properties.add(property("CPUQuotaPeriodUSec", new UInt64(period(limits))));
            }
        }
        return properties;
    }

    /** The groups are wanted in every hierarchy, for what is limited and what is counted there. */
    private static List<UnitProperty> common(String description) {
        return new ArrayList<>(List.of(
                property("Description", description),
                property("DefaultDependencies", false),
                property("CPUAccounting", true),
                property("MemoryAccounting", true),
                property("TasksAccounting", true)));
    }

    private static UInt64 amount(long value) {
        return value < 0 ? INFINITY : new UInt64(value);
    }

    private static UInt64 perSecond(LinuxResources limits) {
        if (limits.hasUnlimitedCpu()) {
            return INFINITY;
        }
        var micros = Math.multiplyExact(limits.cpuQuota(), MICROS_PER_SECOND) / period(limits);
        return new UInt64(Math.ceilDiv(micros, QUOTA_STEP_MICROS) * QUOTA_STEP_MICROS);
    }

    private static long period(LinuxResources limits) {
        return limits.cpuPeriod() == 0 ? DEFAULT_PERIOD_MICROS : limits.cpuPeriod();
    }

    private static UnitProperty property(String name, Object value) {
        return new UnitProperty(name, new Variant<>(value));
    }
}
