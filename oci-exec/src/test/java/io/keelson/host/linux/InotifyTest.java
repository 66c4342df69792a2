package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.lifecycle.Deadline;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class InotifyTest {
    @TempDir
    Path directory;

    @Test
    void tellsWhichNamesAppearAndGo() throws IOException {
        try (var inotify = new Inotify()) {
            var watch = inotify.watch(directory, Inotify.IN_CREATE | Inotify.IN_MOVED_TO | Inotify.IN_DELETE);
            var file = Files.createFile(directory.resolve("first"));
            Files.move(file, directory.resolve("a-longer-name"));
            Files.delete(directory.resolve("a-longer-name"));

            assertThat(inotify.read(Deadline.in(Duration.ofSeconds(10))))
                    .containsExactly(
                            new Inotify.Event(watch, Inotify.IN_CREATE, "first"),
                            new Inotify.Event(watch, Inotify.IN_MOVED_TO, "a-longer-name"),
                            new Inotify.Event(watch, Inotify.IN_DELETE, "a-longer-name"));
        }
    }

    @Test
    void whereNothingHappensTheDeadlineEndsTheWaiting() {
        try (var inotify = new Inotify()) {
            inotify.watch(directory, Inotify.IN_CREATE);

            assertThat(inotify.read(Deadline.in(Duration.ofMillis(20)))).isEmpty();
        }
    }
}
