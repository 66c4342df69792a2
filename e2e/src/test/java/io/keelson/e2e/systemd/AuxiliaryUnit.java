package io.keelson.e2e.systemd;

import java.util.List;
import org.freedesktop.dbus.Struct;
import org.freedesktop.dbus.annotations.Position;

/** {@code (sa(sv))} on the wire; nobody sends one. */
public final class AuxiliaryUnit extends Struct {
    @Position(0)
    public final String name;

    @Position(1)
    public final List<Property> properties;

    public AuxiliaryUnit(String name, List<Property> properties) {
        this.name = name;
        this.properties = properties;
    }
}
