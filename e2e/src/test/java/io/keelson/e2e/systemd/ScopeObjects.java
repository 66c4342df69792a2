package io.keelson.e2e.systemd;

import java.util.List;
import java.util.Map;
import org.freedesktop.dbus.interfaces.Properties;
import org.freedesktop.dbus.types.Variant;

/** The object of every unit: runc asks for the rules of its devices, of which there are none. */
final class ScopeObjects implements Properties {
    static final String PATH = FakeManager.PATH + "/unit";

    @Override
    @SuppressWarnings({"unchecked", "TypeParameterUnusedInFormals"})
    public <A> A Get(String interfaceName, String property) {
        return (A) (property.equals("DeviceAllow") ? new Variant<>(List.of(), "a(ss)") : new Variant<>("auto"));
    }

    @Override
    public <A> void Set(String interfaceName, String property, A value) {
        throw new UnsupportedOperationException(property);
    }

    @Override
    public Map<String, Variant<?>> GetAll(String interfaceName) {
        return Map.of();
    }

    @Override
    public String getObjectPath() {
        return PATH;
    }
}
