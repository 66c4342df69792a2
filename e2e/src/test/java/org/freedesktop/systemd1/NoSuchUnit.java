package org.freedesktop.systemd1;

import org.freedesktop.dbus.exceptions.DBusExecutionException;

/** An error's name on the bus is that of its class. */
public final class NoSuchUnit extends DBusExecutionException {
    private static final long serialVersionUID = 1L;

    public NoSuchUnit(String unit) {
        super("Unit " + unit + " not loaded.");
    }
}
