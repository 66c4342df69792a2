package io.keelson.e2e.systemd;

import java.util.Optional;
import java.util.function.Supplier;
import org.freedesktop.DBus;
import org.freedesktop.dbus.exceptions.DBusExecutionException;

/** What can go wrong with a unit. */
public enum Trouble {
    DENIED(DBus.Error.AccessDenied::new),
    INVALID(DBus.Error.InvalidArgs::new),
    READ_ONLY(DBus.Error.PropertyReadOnly::new),
    JOB_FAILS("failed"),
    JOB_IS_CANCELED("canceled"),
    JOB_TIMES_OUT("timeout"),
    JOB_NEVER_ENDS(""),
    NO_ANSWER(null, Optional.empty());

    private final Supplier<DBusExecutionException> refusal;
    private final Optional<String> result;

    Trouble(Supplier<DBusExecutionException> refusal) {
        this(refusal, Optional.empty());
    }

    Trouble(String result) {
        this(null, Optional.of(result));
    }

    Trouble(Supplier<DBusExecutionException> refusal, Optional<String> result) {
        this.refusal = refusal;
        this.result = result;
    }

    void refuse() {
        if (refusal != null) {
            throw refusal.get();
        }
    }

    /** How the job ends; empty for never. */
    Optional<String> result() {
        return result.filter(each -> !each.isEmpty());
    }
}
