package io.keelson.oci.systemd;

import java.util.List;
import org.freedesktop.dbus.types.Variant;

/** A property of a unit and its value. */
record UnitProperty(String name, Variant<?> value) {
    /** As {@code a(sv)} is given to the library. */
    static List<Object[]> wire(List<UnitProperty> properties) {
        return properties.stream()
                .map(each -> new Object[] {each.name, each.value})
                .toList();
    }
}
