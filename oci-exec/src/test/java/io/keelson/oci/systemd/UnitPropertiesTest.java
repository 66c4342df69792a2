package io.keelson.oci.systemd;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.oci.spec.LinuxResources;
import java.util.Map;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class UnitPropertiesTest {
    private static LinuxResources resources(long period, long quota, long shares, long memory) {
        return new LinuxResources(period, quota, shares, memory, 0, "", "", Map.of(), Map.of(), 0);
    }

    private static String text(Iterable<UnitProperty> properties) {
        var text = new StringBuilder();
        properties.forEach(each -> text.append(each.name())
                .append('=')
                .append(each.value().getValue())
                .append(':')
                .append(each.value().getSig())
                .append(' '));
        return text.toString().strip();
    }

    /** A limit a row: what is asked for, and what systemd is told, with the type on the wire. */
    @ParameterizedTest
    @CsvSource({
        "0, 0, 0, 0, false, ''",
        "0, 0, 0, 1048576, false, MemoryLimit=1048576:t",
        "0, 0, 0, 1048576, true, MemoryMax=1048576:t",
        "0, 0, 0, -1, true, MemoryMax=18446744073709551615:t",
        "0, 0, 512, 0, false, CPUShares=512:t",
        "0, 0, 512, 0, true, CPUWeight=20:t",
        "0, 50000, 0, 0, false, CPUQuotaPerSecUSec=500000:t",
        "0, 50500, 0, 0, false, CPUQuotaPerSecUSec=510000:t",
        "0, -1, 0, 0, false, CPUQuotaPerSecUSec=18446744073709551615:t",
        "20000, 10000, 0, 0, false, CPUQuotaPerSecUSec=500000:t CPUQuotaPeriodUSec=20000:t",
    })
    void aLimitIsTheProperty(long period, long quota, long shares, long memory, boolean isVersion2, String expected) {
        assertThat(text(UnitProperties.limits(resources(period, quota, shares, memory), isVersion2)))
                .isEqualTo(expected);
    }

    @Test
    void aScopeHasItsProcessAndIsNotSystemdsToLookInto() {
        var byName = UnitProperties.scope("the init", "a.slice", 42).stream()
                .collect(Collectors.toMap(
                        UnitProperty::name,
                        each -> each.value().getSig() + " " + each.value().getValue()));

        assertThat(byName)
                .containsEntry("PIDs", "au [42]")
                .containsEntry("Slice", "s a.slice")
                .containsEntry("Delegate", "b true")
                .containsEntry("CollectMode", "s inactive-or-failed")
                .containsEntry("DefaultDependencies", "b false");
    }
}
