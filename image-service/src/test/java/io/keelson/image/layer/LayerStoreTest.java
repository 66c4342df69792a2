package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.image.tar.TarBytes;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LayerStoreTest {
    @TempDir
    private Path directory;

    private final byte[] tar = new TarBytes().file("f", "contents").end();

    @Test
    void countsWhatItHolds() throws IOException {
        var store = LayerStore.open(directory);
        var layer = LayerFixture.convert(store, tar);
        assertThat(store.usedBytes()).isEqualTo(layer.sizeBytes() + Files.size(LayerTar.headers(layer)));
        assertThat(store.usedInodes()).isEqualTo(2);
        store.remove(layer.diffId());
        store.remove(layer.diffId());
        assertThat(store.usedBytes()).isZero();
        assertThat(store.usedInodes()).isZero();
        store.awaitRemovals();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    void keepsTheFirstOfTwoThatAreTheSame() {
        var store = LayerStore.open(directory);
        assertThat(LayerFixture.convert(store, tar)).isEqualTo(LayerFixture.convert(store, tar));
        assertThat(directory.toFile().list()).hasSize(1);
        assertThat(store.usedInodes()).isEqualTo(2);
    }

    @Test
    void removesWhatAnInterruptedConversionLeft() throws IOException {
        var left = Files.createDirectories(directory.resolve("a".repeat(64) + ".1.tmp"));
        Files.writeString(left.resolve("layer.erofs"), "half");
        var store = LayerStore.open(directory);
        assertThat(store.list()).isEmpty();
        store.awaitRemovals();
        assertThat(directory).isEmptyDirectory();
    }

    @Test
    @Tag("P2")
    void setsADamagedLayerAsideAndKeepsTheOthers() throws IOException {
        var store = LayerStore.open(directory);
        var good = LayerFixture.convert(store, tar);
        var torn = LayerFixture.convert(store, new TarBytes().file("g", "").end());
        var cut = LayerFixture.convert(store, new TarBytes().file("h", "").end());
        Files.write(torn.file().resolveSibling("layer.json"), new byte[0]);
        Files.write(cut.file(), new byte[] {1});
        var reopened = LayerStore.open(directory);
        assertThat(reopened.list()).containsExactly(good);
        assertThat(LayerFixture.convert(reopened, new TarBytes().file("g", "").end()))
                .isEqualTo(torn);
    }
}
