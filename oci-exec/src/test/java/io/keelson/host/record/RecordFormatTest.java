package io.keelson.host.record;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RecordFormatTest {
    private static final RecordFormat FORMAT = new RecordFormat("test record", 2);
    private static final int LIMIT_BYTES = 1000;

    @TempDir
    Path directory;

    private static byte[] sealed() {
        return FORMAT.seal(FORMAT.begin().put("name", "\u00fcber").build());
    }

    private static void isDamaged(byte[] bytes) {
        assertThatThrownBy(() -> FORMAT.open(bytes))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void whatWasWrittenIsReadAndIsStillJsonForOthers() {
        assertThat(FORMAT.open(sealed()).text("name")).isEqualTo("\u00fcber");
        assertThat(new String(sealed(), StandardCharsets.UTF_8))
                .startsWith("{\"crc32c\":\"")
                .contains("\",\"version\":2,");
        assertThat(Json.parseObject(sealed()).number("version")).isEqualTo(2);
    }

    @Test
    @Tag("P2")
    void everyFlippedBitIsDamage() {
        for (var bit = 0; bit < sealed().length * 8; bit++) {
            var flipped = sealed();
            flipped[bit / 8] ^= (byte) (1 << bit % 8);
            isDamaged(flipped);
        }
    }

    @Test
    @Tag("P2")
    void everyTornWriteIsDamageWhetherItEndsOrGoesOnWithZeros() {
        for (var length = 0; length < sealed().length; length++) {
            var cut = Arrays.copyOf(sealed(), length);
            isDamaged(cut);
            isDamaged(Arrays.copyOf(cut, sealed().length));
        }
        isDamaged(Arrays.copyOf(sealed(), sealed().length + 1));
    }

    @Test
    void aNewerOneIsRefusedWithWhatToDo() {
        var newer = new RecordFormat("test record", 3);

        assertThatThrownBy(() -> FORMAT.open(newer.seal(newer.begin().build())))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("newer Keelson")
                .hasMessageContaining("version 3")
                .hasMessageContaining("start the newer one again");
    }

    @Test
    void anOlderOneIsReadAndWrittenAnew() throws IOException {
        var file = directory.resolve("record.json");
        Files.writeString(file, "{\"version\":1,\"name\":\"old\"}");

        assertThat(FORMAT.find(file, LIMIT_BYTES).orElseThrow().text("name")).isEqualTo("old");

        assertThat(Files.readAllBytes(file))
                .isEqualTo(FORMAT.seal(FORMAT.begin().put("name", "old").build()));
        assertThat(FORMAT.find(file, LIMIT_BYTES).orElseThrow().text("name")).isEqualTo("old");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"{\"version\":2}", "{\"version\":99}", "{\"version\":0}", "{\"version\":\"1\"}", "{}", "[]"})
    void withoutAChecksumOnlyTheFirstVersionIsRead(String text) {
        isDamaged(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void thereMayBeNone() {
        assertThat(FORMAT.find(directory.resolve("none"), LIMIT_BYTES)).isEmpty();
    }

    @Test
    void whatWasSetAsideIsToldUntilSomebodyDeletesIt() throws IOException {
        var setAside = new SetAside();
        var one = Files.createFile(directory.resolve("one"));
        var other = Files.createFile(directory.resolve("other"));
        setAside.addEarlier(one);
        setAside.add(one, "damaged");
        setAside.addEarlier(one);
        setAside.addEarlier(other);

        assertThat(setAside.list()).extracting(SetAside.Kept::place).containsExactly(one, other);
        assertThat(setAside.list().getFirst().why()).isEqualTo("damaged");
        Files.delete(one);
        assertThat(setAside.list()).extracting(SetAside.Kept::place).containsExactly(other);
    }
}
