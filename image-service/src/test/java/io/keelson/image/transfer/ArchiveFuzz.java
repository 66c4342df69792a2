package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import io.keelson.image.tar.TarBytes;
import io.keelson.image.tar.TarFuzz;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Archives that are imported: the tar's own table, the table of contents in it, and every file that this names. */
public final class ArchiveFuzz {
    private static final int LIMIT_BYTES = 1 << 20;

    private ArchiveFuzz() {}

    public static List<byte[]> seeds() {
        var table =
                "[{\"Config\":\"c.json\",\"RepoTags\":[\"a.test/b:1\"],\"Layers\":[\"one/layer.tar\",\"two/layer.tar\"]}]";
        return List.of(
                new TarBytes()
                        .directory("one/")
                        .file("one/layer.tar", "a layer")
                        .symbolicLink("two/layer.tar", "../one/layer.tar")
                        .file("c.json", "{}")
                        .file(DockerArchive.FILE, table)
                        .end(),
                new TarBytes()
                        .pax("path", "./one/layer.tar")
                        .pax("mtime", "1.5")
                        .file("x", "a layer")
                        .hardLink("two/layer.tar", "./one/layer.tar")
                        .raw('L', TarBytes.bytes("././@LongLink"), new byte[0], TarBytes.bytes("c.json\0"), 7)
                        .file("short", "{}")
                        .file(DockerArchive.FILE, table)
                        .end(),
                extended("12 name=a/b\n2147483647 path=x\n"),
                extended("2 path=a/b\n"),
                withSize(Long.MAX_VALUE));
    }

    /** An extended header that is not right. */
    private static byte[] extended(String records) {
        return new TarBytes()
                .entry('x', TarBytes.bytes("x"), new byte[0], TarBytes.bytes(records))
                .file(DockerArchive.FILE, "[]")
                .end();
    }

    /** A file with a size in base 256. */
    private static byte[] withSize(long size) {
        var tar = new TarBytes().file("large", "").end();
        tar[124] = (byte) 0x80;
        for (var i = 0; i < Long.BYTES; i++) {
            tar[135 - i] = (byte) (size >> (8 * i));
        }
        return TarFuzz.mended(tar);
    }

    public static void fuzzerTestOneInput(byte[] input) {
        try {
            var file = Files.createTempFile("keelson", ".fuzz");
            try {
                read(file, input);
                read(file, TarFuzz.mended(input));
            } finally {
                Files.delete(file);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static void read(Path file, byte[] input) {
        Refusal.orSuccess(
                () -> {
                    Files.write(file, input);
                    try (var archive = TarArchive.open(file)) {
                        for (var image : DockerArchive.find(archive)
                                .map(DockerArchive::images)
                                .orElse(List.of())) {
                            archive.read(image.config(), LIMIT_BYTES);
                            for (var layer : image.layers()) {
                                drain(archive, layer);
                            }
                        }
                    }
                },
                Failure.Kind.INVALID,
                Failure.Kind.EXHAUSTED,
                Failure.Kind.ABSENT);
    }

    private static void drain(Archive archive, String file) throws IOException {
        try (var in = archive.open(file)) {
            in.transferTo(OutputStream.nullOutputStream());
        }
    }
}
