package io.keelson.pod.history;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class HistoryDirectoryTest {
    private static final Json.Obj STORY =
            Json.object().put("name", "x".repeat(100)).build();

    @TempDir
    Path root;

    @Test
    void theLastPodsAreKeptAndNotOneMore() {
        var history = new HistoryDirectory(root, 3, Long.MAX_VALUE);
        var writer = history.new Writer();
        for (var id : new String[] {"a", "b", "c"}) {
            writer.change(id, _ -> STORY);
        }
        assertThat(history.podIds()).containsExactly("a", "b", "c");

        writer.change("a", _ -> STORY);
        writer.change("d", _ -> STORY);
        assertThat(history.podIds()).as("a has changed since b").containsExactly("a", "c", "d");
    }

    @Test
    void bytesAreLimitedAlsoAcrossARestart() throws IOException {
        var two = 2L * STORY.toBytes().length;
        var before = new HistoryDirectory(root, 100, two).new Writer();
        before.change("new", _ -> STORY);
        before.change("old", _ -> STORY);
        Files.setLastModifiedTime(root.resolve("history/old.json"), FileTime.fromMillis(1));

        var history = new HistoryDirectory(root, 100, two);
        var writer = history.new Writer();
        assertThat(history.podIds()).as("as much as may be").containsExactly("new", "old");
        writer.change("newest", _ -> STORY);
        assertThat(history.podIds()).containsExactly("new", "newest");
    }

    @Test
    void aPodsStoryGoesOnFromWhatIsKeptAndHasALimitOfItsOwn() throws IOException {
        var history = new HistoryDirectory(root);
        var writer = history.new Writer();
        writer.change("a", _ -> STORY);
        writer.change(
                "a",
                before -> Json.object().put("name", before.text("name") + "y").build());
        assertThat(history.find("a").orElseThrow().text("name")).endsWith("xy");

        writer.change(
                "a",
                _ -> Json.object()
                        .put("name", "x".repeat(HistoryDirectory.MOST_POD_BYTES))
                        .build());
        assertThat(history.find("a").orElseThrow().text("name")).endsWith("xy");

        Files.writeString(root.resolve("history/a.json"), "{\"name\":");
        assertThat(history.find("a")).as("what a crash has left").isEmpty();
        writer.change("a", before -> before.members().isEmpty() ? STORY : before);
        assertThat(history.find("a")).contains(STORY);
    }
}
