package org.freedesktop.systemd1;

import org.freedesktop.dbus.exceptions.DBusExecutionException;

/** An error's name on the bus is that of its class. */
public final class UnitExists extends DBusExecutionException {
    private static final long serialVersionUID = 1L;

    public UnitExists(String unit) {
        super("Unit " + unit + " was already loaded.");
    }
}
