package io.keelson.oci.systemd;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import java.time.Duration;
import java.util.Arrays;
import java.util.Optional;
import java.util.stream.Collectors;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;
import org.freedesktop.dbus.exceptions.DBusExecutionException;
import org.freedesktop.dbus.matchrules.DBusMatchRuleBuilder;
import org.freedesktop.dbus.messages.DBusSignal;
import org.freedesktop.dbus.messages.Error;
import org.freedesktop.dbus.messages.Message;
import org.freedesktop.dbus.messages.MethodCall;
import org.freedesktop.dbus.messages.constants.MessageTypes;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A connection to systemd's manager object. It speaks in messages and not through the library's proxies: those lose an error's name,
 * by which a unit that is there already is told from a refusal.
 */
final class ManagerConnection implements AutoCloseable {
    private static final String BUS_NAME = "org.freedesktop.systemd1";
    private static final String PATH = "/org/freedesktop/systemd1";
    private static final String INTERFACE = "org.freedesktop.systemd1.Manager";
    private static final byte NO_FLAGS = 0;
    private static final long LOOK_MILLIS = 100;

    /** The socket is on this machine: it is there, or it is not. */
    private static final int CONNECT_MILLIS = 1000;

    private static final Logger log = LoggerFactory.getLogger(ManagerConnection.class);

    private final String address;
    private final DBusConnection connection;
    private final Jobs jobs = new Jobs();

    private ManagerConnection(String address, DBusConnection connection) {
        this.address = address;
        this.connection = connection;
    }

    /** @throws Failure UNAVAILABLE */
    static ManagerConnection open(String address) {
        try {
            var connection = DBusConnectionBuilder.forAddress(address)
                    .withShared(false)
                    .transportConfig()
                    .withTimeout(CONNECT_MILLIS)
                    .back()
                    .build();
            var manager = new ManagerConnection(address, connection);
            try {
                connection.addGenericSigHandler(
                        DBusMatchRuleBuilder.create()
                                .withType(MessageTypes.SIGNAL)
                                .withInterface(INTERFACE)
                                .withMember("JobRemoved")
                                .build(),
                        manager::jobRemoved);
                return manager;
            } catch (DBusException | RuntimeException e) {
                manager.close();
                throw e;
            }
        } catch (DBusException | RuntimeException e) {
            throw unreachable(address, e);
        }
    }

    private static Failure unreachable(String address, Exception cause) {
        return new Failure(
                Failure.Kind.UNAVAILABLE, "systemd cannot be reached by " + address + ": " + cause.getMessage(), cause);
    }

    private Failure lost(String meanwhile) {
        return Failure.unavailable("the bus at " + address + " was lost while " + meanwhile);
    }

    /** {@code JobRemoved(u id, o job, s unit, s result)}. */
    private void jobRemoved(DBusSignal signal) {
        try {
            var told = signal.getParameters();
            jobs.ended(text(told[1]), text(told[3]));
        } catch (DBusException e) {
            log.warn("systemd told of a job in a way that is not known: {}", e.getMessage());
        }
    }

    boolean isConnected() {
        return connection.isConnected();
    }

    /**
     * Calls a method of the manager and waits for its answer, and where that names a job, for the job's end.
     *
     * @param signature of the arguments, as D-Bus writes types
     * @return the error, if it was answered with one
     * @throws Failure UNAVAILABLE if nobody answers or the job failed, TIMEOUT, CANCELLED
     */
    Optional<ManagerError> call(Duration patience, String method, String signature, Object... arguments) {
        var deadline = Deadline.in(patience);
        var answer = answer(send(method, signature, arguments), method, deadline);
        try {
            var said = Optional.ofNullable(answer.getParameters()).orElse(new Object[0]);
            if (answer instanceof Error && answer.getSource() == null) {
                // Each message that came through a bus names its sender; this one the library wrote when it lost the
                // bus.
                throw lost("systemd was asked to " + method + ": " + answer.getName());
            }
            if (answer instanceof Error) {
                return Optional.of(new ManagerError(
                        answer.getName(),
                        Arrays.stream(said).map(String::valueOf).collect(Collectors.joining(" "))));
            }
            if (said.length > 0) {
                requireDone(text(said[0]), deadline);
            }
            return Optional.empty();
        } catch (DBusException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, "systemd's answer cannot be read: " + e.getMessage(), e);
        }
    }

    private MethodCall send(String method, String signature, Object... arguments) {
        try {
            var call = connection
                    .getMessageFactory()
                    .createMethodCall(BUS_NAME, PATH, INTERFACE, method, NO_FLAGS, signature, arguments);
            connection.sendMessage(call);
            return call;
        } catch (DBusException | DBusExecutionException e) {
            throw unreachable(address, e);
        }
    }

    private Message answer(MethodCall call, String method, Deadline deadline) {
        while (true) {
            var answer = Optional.ofNullable(call.getReply(LOOK_MILLIS));
            if (answer.isPresent()) {
                return answer.get();
            }
            if (Thread.currentThread().isInterrupted()) {
                throw new Failure(Failure.Kind.CANCELLED, "interrupted while systemd was asked to " + method);
            }
            if (!isConnected()) {
                throw lost("systemd was asked to " + method);
            }
            if (deadline.hasPassed()) {
                throw Failure.timeout("systemd does not answer " + method);
            }
        }
    }

    private void requireDone(String job, Deadline deadline) {
        var result =
                jobs.await(job, deadline, this::isConnected).orElseThrow(() -> lost("systemd's job " + job + " ran"));
        if (!result.equals("done")) {
            throw Failure.unavailable("systemd's job " + job + " ended with \"" + result + "\"");
        }
    }

    private static String text(Object value) {
        return String.valueOf(value);
    }

    @Override
    public void close() {
        connection.disconnect();
    }
}
