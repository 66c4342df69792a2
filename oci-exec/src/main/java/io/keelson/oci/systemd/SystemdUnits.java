package io.keelson.oci.systemd;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.LinuxResources;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Transient units of this node's systemd. It is connected to when it is first needed, and again when it, or the bus, was restarted.
 * Every call is done when it returns. Failures: UNAVAILABLE if nobody answers, TIMEOUT if it takes too long, DENIED, INVALID for a
 * value and WRONG_STATE for a property that this systemd does not take.
 */
public final class SystemdUnits implements AutoCloseable {
    /** For a call and the job that it begins. A unit without a program of its own takes milliseconds. */
    public static final Duration PATIENCE = Duration.ofSeconds(10);

    private static final String REPLACE = "replace";

    private final String address;
    private final boolean isVersion2;
    private final Duration patience;
    private Optional<ManagerConnection> connection = Optional.empty();

    /**
     * @param address of the bus, as D-Bus writes it
     * @param isVersion2 of the control groups
     */
    public SystemdUnits(String address, boolean isVersion2, Duration patience) {
        this.address = address;
        this.isVersion2 = isVersion2;
        this.patience = patience;
    }

    /** @throws Failure UNAVAILABLE if nobody answers */
    public void connect() {
        var _ = manager();
    }

    /** Makes a slice with these limits; one that is there gets them. */
    public void startSlice(String slice, String description, LinuxResources limits) {
        if (!start("start " + slice, slice, UnitProperties.slice(description, limits, isVersion2))) {
            limit(slice, limits);
        }
    }

    /** Puts a process into a scope of its own, which goes with it. A scope that is there already is taken for that process's. */
    public void startScope(String scope, String slice, String description, long pid) {
        var _ = start("start " + scope + " in " + slice, scope, UnitProperties.scope(description, slice, pid));
    }

    /** False if there is one of this name. */
    private boolean start(String attempt, String unit, List<UnitProperty> properties) {
        var error = call(
                attempt,
                "StartTransientUnit",
                "ssa(sv)a(sa(sv))",
                unit,
                REPLACE,
                UnitProperty.wire(properties),
                List.of());
        error.filter(each -> !each.isUnitExists()).ifPresent(each -> refuse(attempt, each));
        return error.isEmpty();
    }

    /** Changes limits until the next boot; what is not said stays, and -1 takes one away. */
    public void limit(String slice, LinuxResources limits) {
        var properties = UnitProperties.limits(limits, isVersion2);
        if (!properties.isEmpty()) {
            var attempt = "limit " + slice;
            call(attempt, "SetUnitProperties", "sba(sv)", slice, true, UnitProperty.wire(properties))
                    .ifPresent(error -> refuse(attempt, error));
        }
    }

    /** Ends what is in the unit, and the unit. One that is gone is a success. */
    public void stop(String unit) {
        var attempt = "stop " + unit;
        call(attempt, "StopUnit", "ss", unit, REPLACE)
                .filter(error -> !error.isNoSuchUnit())
                .ifPresent(error -> refuse(attempt, error));
        // One that failed would stay, and keep its name; one that did not is gone by now, which is no error of ours.
        var _ = call(attempt, "ResetFailedUnit", "s", unit);
    }

    private static void refuse(String attempt, ManagerError error) {
        throw new Failure(error.kind(), "cannot " + attempt + ": systemd said " + error);
    }

    private Optional<ManagerError> call(String attempt, String method, String signature, Object... arguments) {
        try {
            return manager().call(patience, method, signature, arguments);
        } catch (Failure e) {
            throw e.during("cannot " + attempt);
        }
    }

    private synchronized ManagerConnection manager() {
        if (connection.isPresent() && !connection.get().isConnected()) {
            close();
        }
        if (connection.isEmpty()) {
            connection = Optional.of(ManagerConnection.open(address));
        }
        return connection.get();
    }

    @Override
    public synchronized void close() {
        connection.ifPresent(ManagerConnection::close);
        connection = Optional.empty();
    }
}
