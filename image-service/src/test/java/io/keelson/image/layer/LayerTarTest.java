package io.keelson.image.layer;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.compression.Compression;
import io.keelson.image.tar.RandomTar;
import io.keelson.image.tar.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.Arguments;
import org.junit.jupiter.params.provider.MethodSource;

/** Tars made again from layers. */
class LayerTarTest {
    @TempDir
    Path directory;

    private LayerStore store;

    @BeforeEach
    void open() {
        store = LayerStore.open(directory.resolve("layers"));
    }

    private static byte[] again(Layer layer) {
        var out = new ByteArrayOutputStream();
        LayerTar.write(layer, out);
        return out.toByteArray();
    }

    private static byte[] zerosAndNoise(int length) {
        var bytes = new byte[length];
        var noise = new byte[100];
        new Random(3).nextBytes(noise);
        System.arraycopy(noise, 0, bytes, length / 3, noise.length);
        return bytes;
    }

    static Stream<Arguments> tars() {
        var long1 = "n".repeat(150);
        return Stream.of(
                Arguments.of("of every kind, 1", new RandomTar(21).make(300)),
                Arguments.of("of every kind, 2", new RandomTar(22).make(300)),
                Arguments.of("with nothing in it", new TarBytes().end()),
                Arguments.of(
                        "with a file twice",
                        new TarBytes()
                                .file("a", "first")
                                .file("a", "second, longer")
                                .end()),
                Arguments.of(
                        "with whiteouts that have contents",
                        new TarBytes()
                                .file(".wh.gone", "ignored")
                                .file("d/.wh..wh..opq", "")
                                .end()),
                Arguments.of(
                        "with long names and links",
                        new TarBytes().file(long1, "x").hardLink("l", long1).end()),
                Arguments.of(
                        "with zeros",
                        new TarBytes()
                                .file(bytes("zeros"), new byte[3 << 20])
                                .file(bytes("holes"), zerosAndNoise((3 << 20) + 77))
                                .end()),
                Arguments.of(
                        "without its end",
                        withoutEnd(new TarBytes().file("a", "1").end())),
                Arguments.of(
                        "with something behind its end",
                        withTrailer(new TarBytes().file("a", "1").end())));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** As umoci writes it when it inserts a file. */
    private static byte[] withoutEnd(byte[] tar) {
        return Arrays.copyOf(tar, 513);
    }

    private static byte[] withTrailer(byte[] tar) {
        return Arrays.copyOf(tar, tar.length + 10_240);
    }

    @ParameterizedTest(name = "{0}")
    @MethodSource("tars")
    void theTarIsTheSameToTheLastByte(String name, byte[] tar) {
        var layer = LayerFixture.convert(store, tar);

        assertThat(again(layer)).isEqualTo(tar);
        assertThat(again(LayerStore.open(directory.resolve("layers"))
                        .find(layer.diffId())
                        .orElseThrow()))
                .as("after a restart")
                .isEqualTo(tar);
    }

    @Test
    void aSparseFileToo() {
        var size = 1 << 20;
        var tar = new TarBytes()
                .pax("GNU.sparse.map", (size - 3) + ",3")
                .pax("GNU.sparse.size", Long.toString(size))
                .file("sparse", "end")
                .end();

        assertThat(again(LayerFixture.convert(store, tar))).isEqualTo(tar);
    }

    @Test
    void theHeadersCostLittleAndAreCounted() throws IOException {
        var layer = LayerFixture.convert(store, new RandomTar(23).make(300));
        var headers = Files.size(LayerTar.headers(layer));

        assertThat(headers).isLessThan(layer.sizeBytes() / 4);
        assertThat(store.usedBytes()).isEqualTo(layer.sizeBytes() + headers);
        store.remove(layer.diffId());
        assertThat(store.usedBytes()).isZero();
    }

    @Test
    void whatIsDamagedIsNotPassedOffAsTheLayer() throws IOException {
        var layer =
                LayerFixture.convert(store, new TarBytes().file("a", "contents").end());
        var headers = LayerTar.headers(layer);
        var whole = Files.readAllBytes(headers);
        for (var length : new int[] {0, 4, whole.length / 2, whole.length - 1}) {
            Files.write(headers, Arrays.copyOf(whole, length));
            assertThatThrownBy(() -> again(layer)).as(length + " bytes").isInstanceOf(Failure.class);
        }
        Files.write(headers, whole);
        var file = Files.readAllBytes(layer.file());
        for (var at = 0; at < file.length; at++) {
            file[at] = file[at] == 'c' ? (byte) 'd' : file[at];
        }
        Files.write(layer.file(), file);
        assertThatThrownBy(() -> again(layer)).hasMessageContaining("damaged");
    }

    @Test
    void aLayerWhoseBlobIsKeptHasNoHeaders() {
        var tar = new TarBytes().file("a", "1").end();
        var layer = new LayerConverter(store, LayerLimits.DEFAULT, false, LayerKind.EROFS)
                .convert(new ByteArrayInputStream(tar), Compression.NONE, LayerFixture.digest(tar), new StageTimes());

        assertThat(LayerTar.isAvailable(layer)).isFalse();
        assertThatThrownBy(() -> again(layer)).hasMessageContaining("without what its tar is made again from");
    }
}
