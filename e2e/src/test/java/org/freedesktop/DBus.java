package org.freedesktop;

import org.freedesktop.dbus.exceptions.DBusExecutionException;

/** The bus's own errors, whose names are those of these classes: {@code org.freedesktop.DBus.Error.AccessDenied}. */
public final class DBus {
    private DBus() {}

    /** What their names begin with: no other name would do. */
    @SuppressWarnings("AvoidCommonTypeNames")
    public static final class Error {
        private Error() {}

        public static final class AccessDenied extends DBusExecutionException {
            private static final long serialVersionUID = 1L;

            public AccessDenied() {
                super("Permission denied");
            }
        }

        public static final class InvalidArgs extends DBusExecutionException {
            private static final long serialVersionUID = 1L;

            public InvalidArgs() {
                super("Value is out of range");
            }
        }

        public static final class PropertyReadOnly extends DBusExecutionException {
            private static final long serialVersionUID = 1L;

            public PropertyReadOnly() {
                super("Cannot set property, or unknown property.");
            }
        }
    }
}
