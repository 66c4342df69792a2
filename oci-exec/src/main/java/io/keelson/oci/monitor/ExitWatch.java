package io.keelson.oci.monitor;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.Inotify;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Follows the directory of exit files (inotify(7)) on a virtual thread of its own until it is closed. */
public final class ExitWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(ExitWatch.class);
    private static final Duration TURN = Duration.ofDays(1);

    private final Path directory;
    private final Function<String, Optional<Exit>> reader;
    private final Consumer<Exit> consumer;
    private final Inotify inotify = new Inotify();
    private final Thread thread;

    /** What was told, as long as its file is there: a file that is made anew is told again. */
    private final Map<String, Exit> told = new HashMap<>();

    ExitWatch(Path directory, Function<String, Optional<Exit>> reader, Consumer<Exit> consumer) {
        this.directory = directory;
        this.reader = reader;
        this.consumer = consumer;
        // First watched, then read: what ends in between is seen twice and told once.
        inotify.watch(
                directory, Inotify.IN_CLOSE_WRITE | Inotify.IN_MOVED_TO | Inotify.IN_DELETE | Inotify.IN_MOVED_FROM);
        thread = Thread.ofVirtual().name("exit-watch").start(this::follow);
    }

    private void follow() {
        try {
            scan();
            while (!Thread.currentThread().isInterrupted()) {
                for (var event : inotify.read(Deadline.in(TURN))) {
                    if (event.isOverflow()) {
                        scan();
                    } else {
                        look(event.name());
                    }
                }
            }
        } catch (Failure e) {
            if (e.kind() != Failure.Kind.CANCELLED) {
                log.atError()
                        .addKeyValue("event", "exit-watch-failed")
                        .setCause(e)
                        .log("cannot follow how containers end");
            }
        }
    }

    private void scan() {
        for (var name : names()) {
            look(name);
        }
    }

    private List<String> names() {
        try (var files = Files.list(directory)) {
            return files.map(file -> file.getFileName().toString()).toList();
        } catch (IOException e) {
            throw Failure.internal("cannot list " + directory, e);
        }
    }

    private void look(String name) {
        try {
            var exit = reader.apply(name);
            if (exit.isEmpty()) {
                told.remove(name);
            } else if (!exit.get().equals(told.put(name, exit.get()))) {
                consumer.accept(exit.get());
            }
        } catch (RuntimeException e) {
            // One container's trouble is not that of the others.
            log.atError()
                    .addKeyValue("event", "exit-not-handled")
                    .addKeyValue("container", name)
                    .setCause(e)
                    .log("cannot handle the end of container {}", name);
        }
    }

    @Override
    public void close() {
        thread.interrupt();
        try {
            thread.join();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
        inotify.close();
    }
}
