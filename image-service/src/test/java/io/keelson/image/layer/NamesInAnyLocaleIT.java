package io.keelson.image.layer;

import static io.keelson.image.layer.LayerFixture.assertSame;
import static io.keelson.image.layer.LayerFixture.describe;
import static io.keelson.image.layer.LayerFixture.shell;
import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.Mounts;
import io.keelson.host.process.Command;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.image.compression.Compression;
import io.keelson.image.tar.TarBytes;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Names of files are bytes, in whatever locale the daemon was started. A Java program of its own makes the layers, because the locale
 * counts from a program's start; GNU tar says what is right. Needs root and a kernel that mounts EROFS from files (6.12).
 */
class NamesInAnyLocaleIT {
    private Path work;

    @BeforeEach
    void prepare() throws IOException {
        work = LayerFixture.temporary();
    }

    @AfterEach
    void cleanUp() {
        Mounts.unmountAll(work.resolve("mounted"));
        LayerFixture.delete(work);
    }

    /** As the daemon does with a layer, of each kind: makes it, packs it again, finds it again and removes another. */
    static final class LayerProgram {
        private LayerProgram() {}

        /** @param arguments tar, and where to put what comes of it */
        public static void main(String[] arguments) throws IOException {
            var tar = Files.readAllBytes(Path.of(arguments[0]));
            for (var kind : new LayerKind[] {LayerKind.EROFS, LayerKind.DIRECTORY}) {
                var store = LayerStore.open(Path.of(arguments[1]).resolve(kind.name()));
                var converter = new LayerConverter(store, LayerLimits.DEFAULT, true, kind);
                var layer = make(converter, tar);
                var hash = LayerChecksum.sha256();
                LayerTar.write(layer, new OutputStream() {
                    @Override
                    public void write(int value) {
                        hash.update((byte) value);
                    }
                });
                if (!HexFormat.of()
                        .formatHex(hash.digest())
                        .equals(layer.diffId().hex())) {
                    throw new IllegalStateException("packed again it is another layer");
                }
            }
        }

        private static Layer make(LayerConverter converter, byte[] tar) {
            return converter.convert(
                    new ByteArrayInputStream(tar), Compression.NONE, LayerFixture.digest(tar), new StageTimes());
        }
    }

    private static byte[] hex(String bytes) {
        return HexFormat.of().parseHex(bytes);
    }

    /** Two that any charset's replacement character makes one, each with contents of its own, and others that are no text. */
    private static byte[] tar() {
        var link = new TarBytes().mode(0755).directory("./");
        var longest = new byte[255];
        Arrays.fill(longest, (byte) 0xE4);
        return link.file(hex("ff78"), TarBytes.bytes("one"))
                .file(hex("fe78"), TarBytes.bytes("two"))
                .file(hex("0a"), TarBytes.bytes("line feed"))
                .file(longest, TarBytes.bytes("long"))
                .entry('5', "\u00fc/".getBytes(StandardCharsets.UTF_8), new byte[0], new byte[0])
                .file("\u00fc/\u65e5\u672c".getBytes(StandardCharsets.UTF_8), TarBytes.bytes("text"))
                .entry('2', TarBytes.bytes("link"), hex("2e2e2fff782ffe"), new byte[0])
                .entry('1', TarBytes.bytes("hard"), hex("fe78"), new byte[0])
                .entry('2', hex("80"), hex("ff78"), new byte[0])
                .end();
    }

    @Tag("T74")
    @ParameterizedTest
    @ValueSource(strings = {"C", "C.UTF-8"})
    void namesThatAreNoTextAreKeptAsTheyAre(String locale) throws IOException {
        var tar = tar();
        var file = Files.write(work.resolve("layer.tar"), tar);
        makeLayers(locale, file);
        var unpacked = Files.createDirectory(work.resolve("unpacked"));
        shell("tar --numeric-owner --same-owner --delay-directory-restore -xpf \"$1\" -C \"$2\"", file, unpacked);
        var expected = describe(unpacked);
        assertThat(expected.lines()).hasSize(10);

        assertSame(describe(layer(LayerKind.DIRECTORY, tar).resolve(LayerStore.TREE)), expected);
        var mounted = Files.createDirectory(work.resolve("mounted"));
        shell("mount -t erofs \"$1\" \"$2\"", layer(LayerKind.EROFS, tar).resolve(LayerStore.FILE), mounted);
        assertSame(describe(mounted), expected);
    }

    private Path layer(LayerKind kind, byte[] tar) throws IOException {
        return LayerStore.open(work.resolve(kind.name()))
                .find(LayerFixture.digest(tar))
                .orElseThrow()
                .file()
                .getParent();
    }

    private void makeLayers(String locale, Path tar) {
        var environment = new HashMap<>(Command.MINIMAL_ENVIRONMENT);
        environment.putAll(Map.of("LC_ALL", locale, "LANG", locale));
        var java = Path.of(System.getProperty("java.home"), "bin/java");
        var finished = new SpawnedProcesses()
                .run(Command.of(
                                java.toString(),
                                "--enable-native-access=ALL-UNNAMED",
                                "-XX:+UseSerialGC",
                                "-XX:TieredStopAtLevel=1",
                                "-cp",
                                System.getProperty("java.class.path"),
                                LayerProgram.class.getName(),
                                tar.toString(),
                                work.toString())
                        .withEnvironment(environment)
                        .within(Duration.ofMinutes(2)));
        assertThat(finished.isSuccess()).as(finished.complaint()).isTrue();
    }
}
