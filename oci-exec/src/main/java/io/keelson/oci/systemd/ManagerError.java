package io.keelson.oci.systemd;

import io.keelson.host.failure.Failure.Kind;

/** The error with which the manager, or the bus in its place, answered a call (org.freedesktop.systemd1(5), D-Bus specification). */
record ManagerError(String name, String message) {
    private static final String SYSTEMD = "org.freedesktop.systemd1.";
    private static final String BUS = "org.freedesktop.DBus.Error.";

    boolean isUnitExists() {
        return name.equals(SYSTEMD + "UnitExists");
    }

    boolean isNoSuchUnit() {
        return name.equals(SYSTEMD + "NoSuchUnit");
    }

    /** What a caller can do about it. */
    Kind kind() {
        return switch (name) {
            case BUS + "InvalidArgs" -> Kind.INVALID;
            case BUS + "AccessDenied", BUS + "InteractiveAuthorizationRequired" -> Kind.DENIED;
            case BUS + "NoReply", BUS + "Timeout", BUS + "TimedOut" -> Kind.TIMEOUT;
            case BUS + "UnknownProperty", BUS + "PropertyReadOnly", BUS + "NotSupported" -> Kind.WRONG_STATE;
            default -> Kind.UNAVAILABLE;
        };
    }

    @Override
    public String toString() {
        return name + (message.isEmpty() ? "" : ": " + message);
    }
}
