package io.keelson.pod.container;

import io.keelson.host.linux.Pidfd;
import java.io.IOException;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Sends containers their stop signals, each once: to many programs the second one means that they should not take their time. */
final class StopSignals {
    private static final Logger log = LoggerFactory.getLogger(StopSignals.class);

    private final ContainerPaths paths;
    private final ContainerRuntime runtime;
    private final OomKills oomKills;
    /** Those whose signal is being sent by somebody; the file tells of it once it was. */
    private final Set<ContainerId> sending = ConcurrentHashMap.newKeySet();

    StopSignals(ContainerPaths paths, ContainerRuntime runtime, OomKills oomKills) {
        this.paths = paths;
        this.runtime = runtime;
        this.oomKills = oomKills;
    }

    /** Sends it unless that was done before, by an earlier daemon as well. What is paused goes on and hears it. */
    void send(ContainerEntry entry) {
        var id = entry.id();
        if (!sending.add(id)) {
            return;
        }
        try {
            if (!Files.exists(paths.signalled(id))) {
                signal(entry);
                note(id, paths.signalled(id), "got its stop signal");
            }
            runtime.thaw(entry.record().cgroup());
        } finally {
            sending.remove(id);
        }
    }

    private void signal(ContainerEntry entry) {
        var signal = SignalNumber.of(entry.record().stopSignal());
        if (signal == Pidfd.SIGKILL) {
            oomKills.note(entry);
        }
        var init = entry.status().init().open();
        if (init.isPresent()) {
            try (var pidfd = init.get()) {
                pidfd.sendSignal(signal);
            }
        }
    }

    /** To be called before all of it is killed: its end is then by our doing. */
    void noteKill(ContainerEntry entry) {
        oomKills.note(entry);
        note(entry.id(), paths.killed(entry.id()), "is killed by us");
    }

    /** Without the note of a stop signal the next request may send it again, which is better than none. */
    private static void note(ContainerId id, Path note, String what) {
        try {
            Files.createFile(note);
        } catch (FileAlreadyExistsException e) {
            return;
        } catch (IOException e) {
            log.atWarn()
                    .addKeyValue("event", "signal-not-noted")
                    .addKeyValue("container", id)
                    .log("cannot note that container {} {}: {}", id, what, e.getMessage());
        }
    }
}
