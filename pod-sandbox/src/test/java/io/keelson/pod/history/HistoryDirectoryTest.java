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
    void aThousandPodsAreKeptAndSixteenMebibytesAcrossRestarts() throws IOException {
        var many = new HistoryDirectory(root).new Writer();
        for (var at = 0; at < 1010; at++) {
            many.change("small" + at, _ -> STORY);
        }
        assertThat(new HistoryDirectory(root).podIds()).hasSize(1000).doesNotContain("small0", "small9");

        var large = Json.object().put("name", "x".repeat(250 << 10)).build();
        for (var at = 0; at < 80; at++) {
            new HistoryDirectory(root).new Writer().change("large" + at % 40, _ -> large);
        }
        var next = new HistoryDirectory(root).new Writer();
        for (var at = 40; at < 80; at++) {
            next.change("large" + at, _ -> large);
        }
        assertThat(bytes()).isBetween(15L << 20, 16L << 20);
        assertThat(new HistoryDirectory(root).podIds()).contains("large79").doesNotContain("large0", "small1009");
    }

    private long bytes() throws IOException {
        try (var files = Files.list(root.resolve("history"))) {
            return files.mapToLong(file -> file.toFile().length()).sum();
        }
    }

    @Test
    void whatAKillHasLeftOfWritingGoesWithTheNextStart() throws IOException {
        Files.createDirectories(root.resolve("history"));
        Files.writeString(root.resolve("history/a.json.7.tmp"), "{");

        new HistoryDirectory(root).new Writer().change("a", _ -> STORY);

        assertThat(root.resolve("history").toFile().list()).containsExactly("a.json");
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
