package io.keelson.e2e.systemd;

import java.io.IOException;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.awaitility.Awaitility;
import org.freedesktop.dbus.connections.impl.DBusConnection;
import org.freedesktop.dbus.connections.impl.DBusConnectionBuilder;
import org.freedesktop.dbus.exceptions.DBusException;

/**
 * Stands in for systemd on a machine without it: a real dbus-daemon, and on it a manager that makes, fills, limits and removes the
 * control groups of units as systemd does. It knows nothing of services.
 */
public final class FakeSystemd implements AutoCloseable {
    private static final String PROGRAM = "/usr/bin/dbus-daemon";

    /** By this runc knows that systemd runs (sd_booted(3)). */
    private static final Path BOOTED = Path.of("/run/systemd/system");

    private final Path directory;
    private final FakeManager manager = new FakeManager();
    private final Path madeForRunc;
    private Process bus;
    private DBusConnection connection;

    private FakeSystemd(Path directory) throws IOException {
        this.directory = directory;
        madeForRunc = Files.exists(BOOTED) ? null : Files.exists(BOOTED.getParent()) ? BOOTED : BOOTED.getParent();
        Files.createDirectories(BOOTED);
    }

    /** Whether there is a bus, and control groups that the manager can make. */
    public static boolean isPossible() {
        return Files.isExecutable(Path.of(PROGRAM)) && UnitGroups.arePossible();
    }

    public static FakeSystemd start(Path directory) throws IOException {
        var systemd = new FakeSystemd(directory);
        systemd.startBus();
        return systemd;
    }

    /** As D-Bus writes it. */
    public String address() {
        return "unix:path=" + socket();
    }

    private Path socket() {
        return directory.resolve("bus");
    }

    public void startBus() throws IOException {
        var configuration = Files.writeString(directory.resolve("bus.conf"), """
                <busconfig>
                  <listen>%s</listen>
                  <auth>EXTERNAL</auth>
                  <policy context="default">
                    <allow send_destination="*"/><allow receive_sender="*"/><allow own="*"/>
                  </policy>
                </busconfig>
                """.formatted(address()));
        Files.deleteIfExists(socket());
        bus = new ProcessBuilder(PROGRAM, "--nofork", "--nopidfile", "--config-file=" + configuration)
                .redirectErrorStream(true)
                .redirectOutput(directory.resolve("bus.log").toFile())
                .start();
        Awaitility.await("the bus").ignoreException(IOException.class).until(() -> {
            SocketChannel.open(UnixDomainSocketAddress.of(socket())).close();
            return true;
        });
        try {
            connection = DBusConnectionBuilder.forAddress(address())
                    .withShared(false)
                    .build();
            manager.answerOn(connection);
            connection.exportObject(manager);
            connection.addFallback(ScopeObjects.PATH, new ScopeObjects());
            connection.requestBusName("org.freedesktop.systemd1");
        } catch (DBusException e) {
            throw new IOException(e);
        }
    }

    /** Nobody is at the address any more; its socket stays. */
    public void stopBus() {
        bus.destroyForcibly().onExit().join();
        // Waits for calls that are being answered, which may be never.
        connection.disconnect();
    }

    /** What happens to units that are to have this limit of memory, in bytes. */
    public void trouble(long memoryLimit, Trouble trouble) {
        manager.troubles.put(memoryLimit, trouble);
    }

    /** As at the start: a bus, and no trouble. */
    public void heal() throws IOException {
        manager.troubles.clear();
        if (!bus.isAlive()) {
            startBus();
        }
    }

    /** How many calls were never answered. */
    public int unanswered() {
        return manager.unanswered();
    }

    /** The names of all units. */
    public List<String> units() {
        return manager.names();
    }

    /** The properties of one. */
    public Map<String, Object> properties(String unit) {
        return manager.properties(unit);
    }

    @Override
    public void close() throws IOException {
        manager.close();
        stopBus();
        if (madeForRunc != null) {
            Files.deleteIfExists(BOOTED);
            Files.deleteIfExists(madeForRunc);
        }
    }
}
