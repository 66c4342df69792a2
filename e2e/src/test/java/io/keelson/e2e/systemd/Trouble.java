package io.keelson.e2e.systemd;

import java.util.Optional;
import org.freedesktop.DBus;

/** What can go wrong with a unit. */
public enum Trouble {
    DENIED,
    INVALID,
    READ_ONLY,
    JOB_FAILS,
    JOB_IS_CANCELED,
    JOB_TIMES_OUT,
    JOB_NEVER_ENDS,
    NO_ANSWER;

    void refuse() {
        switch (this) {
            case DENIED -> throw new DBus.Error.AccessDenied();
            case INVALID -> throw new DBus.Error.InvalidArgs();
            case READ_ONLY -> throw new DBus.Error.PropertyReadOnly();
            default -> {
                // It is taken.
            }
        }
    }

    /** How the job ends; empty for never. */
    Optional<String> result() {
        return switch (this) {
            case JOB_FAILS -> Optional.of("failed");
            case JOB_IS_CANCELED -> Optional.of("canceled");
            case JOB_TIMES_OUT -> Optional.of("timeout");
            default -> Optional.empty();
        };
    }
}
