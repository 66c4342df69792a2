package io.keelson.pod.stream;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.LinuxException;
import io.keelson.oci.monitor.MonitorConnection;
import io.keelson.oci.monitor.MonitorControl;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.pod.container.ContainerState;
import java.io.IOException;
import java.io.OutputStream;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Joins somebody with a container's own process (CRI v1, Attach), through its monitor. */
public final class ContainerAttach {
    private static final Logger log = LoggerFactory.getLogger(ContainerAttach.class);

    private final ContainerCatalog catalog;
    private final ContainerPaths paths;

    public ContainerAttach(ContainerCatalog catalog, ContainerPaths paths) {
        this.catalog = catalog;
        this.paths = paths;
    }

    /** @throws Failure ABSENT or WRONG_STATE if there is no such container or it does not run */
    public void check(ContainerId id) {
        if (!(catalog.get(id.hex()).state() instanceof ContainerState.Running)) {
            throw Failure.wrongState("cannot attach to container " + id + ": it does not run");
        }
    }

    /**
     * Passes on output and input until the container has ended or the session is gone. Several may be attached at once. The end of
     * the session's input is the end of the container's, if it was made for one input only (CRI v1, stdin_once).
     *
     * @throws Failure ABSENT or WRONG_STATE if there is no such container or it does not run, UNAVAILABLE if its monitor is gone,
     *     CANCELLED when interrupted
     */
    public void attach(ContainerId id, StreamSession session) {
        check(id);
        try (var monitor = MonitorConnection.open(paths.bundle(id));
                var copies = new Copies()) {
            session.stdin()
                    .ifPresent(input -> copies.add(Copying.startWithEnd("attach-stdin", input, monitor.stdin())));
            var here = Thread.currentThread();
            session.onGone(here::interrupt);
            session.onResize(size -> resize(id, size));
            monitor.receive(
                    session.stdout().orElseGet(OutputStream::nullOutputStream),
                    session.stderr().orElseGet(OutputStream::nullOutputStream));
        } catch (LinuxException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "cannot attach to container " + id + ": its monitor does not answer: " + e.getMessage(),
                    e);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.CANCELLED, "nobody is attached to container " + id + " any more", e);
        }
    }

    private void resize(ContainerId id, TerminalSize size) {
        try {
            MonitorControl.resize(paths.bundle(id), size.columns(), size.rows());
        } catch (LinuxException e) {
            log.atDebug()
                    .addKeyValue("event", "terminal-not-resized")
                    .log("the monitor of container {} is gone: {}", id, e.getMessage());
        }
    }
}
