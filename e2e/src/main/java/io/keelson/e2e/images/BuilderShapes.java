package io.keelson.e2e.images;

import static io.keelson.e2e.images.RawTar.path;
import static java.nio.charset.StandardCharsets.UTF_8;

import com.github.luben.zstd.Zstd;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/** Images in the shapes of builders that no package here has: busybox, and over it what they are known for. */
public final class BuilderShapes {
    private final Layer busybox;

    public BuilderShapes(Materials materials) throws IOException {
        busybox = materials.busybox();
    }

    /**
     * One of them.
     *
     * @param check shell commands that say by their exit code whether a container sees what it should
     */
    public record Shape(String name, Image image, String check) {}

    public List<Shape> all() {
        return List.of(buildpack(), snapshots(), stargz(), chunked());
    }

    /** An image for archives and indexes: a layer that is there twice, over busybox. */
    public Shape twice() {
        var layer = Layer.of(new RawTar().file(path("made"), "twice").end(), Compression.GZIP);
        return new Shape(
                "twice",
                Image.of(List.of(busybox, layer, layer), "sh", "-c", "test \"$(cat /made)\" = twice"),
                "test \"$(cat /made)\" = twice");
    }

    /** As buildpacks make them: a hundred layers, all files of one time, parents only implied. */
    private Shape buildpack() {
        var layers = new ArrayList<>(List.of(busybox));
        for (var number = 0; number < 100; number++) {
            var tar = new RawTar().file(path("layers/part" + number + "/file"), "part " + number);
            layers.add(Layer.of(tar.end(), Compression.GZIP));
        }
        return new Shape(
                "buildpack",
                Image.of(layers, "sh"),
                "test $(cat /layers/part0/file /layers/part99/file | tr -d ' ') = part0part99 && test $(ls /layers | wc -l) = 100");
    }

    /** As Kaniko makes them: each layer a snapshot of what differs, with all directories above, whiteouts and opaque directories. */
    private Shape snapshots() {
        var first = new RawTar()
                .directory(path("work/"))
                .file(path("work/kept"), "1")
                .file(path("work/gone"), "1")
                .directory(path("work/replaced/"))
                .file(path("work/replaced/old"), "1");
        var second = new RawTar()
                .directory(path("/"))
                .directory(path("/work/"))
                .file(path("/work/.wh.gone"), "")
                .directory(path("/work/replaced/"))
                .file(path("/work/replaced/.wh..wh..opq"), "")
                .file(path("/work/replaced/new"), "2");
        return new Shape(
                "snapshots",
                Image.of(
                                List.of(
                                        busybox,
                                        Layer.of(first.end(), Compression.GZIP),
                                        Layer.of(second.end(), Compression.GZIP)),
                                "sh")
                        .in(Family.DOCKER),
                "test \"$(cd /work && echo * replaced/*)\" = 'kept replaced replaced/new'");
    }

    /** eStargz: a gzip member for every entry, a table of contents as the last entry, and a footer that is an empty member. */
    private Shape stargz() {
        var entries = List.of(
                new RawTar().file(path(".prefetch.landmark"), "\u000f").cut(),
                new RawTar().directory(path("star/")).cut(),
                new RawTar().file(path("star/file"), "stargz").cut(),
                new RawTar()
                        .file(path("stargz.index.json"), "{\"version\":1,\"entries\":[]}")
                        .end());
        var stored = new ByteArrayOutputStream();
        var tar = new ByteArrayOutputStream();
        for (var entry : entries) {
            stored.writeBytes(Compression.GZIP.apply(entry));
            tar.writeBytes(entry);
        }
        stored.writeBytes(stargzFooter(stored.size()));
        return shape("stargz", stored.toByteArray(), tar.toByteArray(), Compression.GZIP, "/star/file", "stargz");
    }

    /** An empty member whose extra field says where the table of contents begins (RFC 1952, "Extra field"). */
    private static byte[] stargzFooter(int offset) {
        var extra = path("SG", new byte[] {22, 0}, "%016xSTARGZ".formatted(offset));
        return path(
                new byte[] {0x1f, (byte) 0x8b, 8, 4, 0, 0, 0, 0, 0, (byte) 0xff, (byte) extra.length, 0},
                extra,
                new byte[] {1, 0, 0, (byte) 0xff, (byte) 0xff, 0, 0, 0, 0, 0, 0, 0, 0});
    }

    /** zstd:chunked: a frame for every chunk, then skippable frames with the manifest and the footer. */
    private Shape chunked() {
        var tar = new RawTar()
                .directory(path("zstd/"))
                .file(path("zstd/file"), "chunked")
                .file(path("zstd/large"), "x".repeat(200_000))
                .end();
        var stored = new ByteArrayOutputStream();
        for (var at = 0; at < tar.length; at += 64 << 10) {
            stored.writeBytes(Zstd.compress(Arrays.copyOfRange(tar, at, Math.min(tar.length, at + (64 << 10)))));
        }
        stored.writeBytes(skippable(Zstd.compress("{\"version\":1,\"entries\":[]}".getBytes(UTF_8))));
        stored.writeBytes(skippable(new byte[64]));
        return shape("chunked", stored.toByteArray(), tar, Compression.ZSTD, "/zstd/file", "chunked");
    }

    private static byte[] skippable(byte[] content) {
        return ByteBuffer.allocate(8 + content.length)
                .order(ByteOrder.LITTLE_ENDIAN)
                .putInt(0x184D2A50)
                .putInt(content.length)
                .put(content)
                .array();
    }

    private Shape shape(String name, byte[] stored, byte[] tar, Compression compression, String file, String content) {
        var layer = new Layer(stored, Blob.sha256(tar), compression);
        return new Shape(name, Image.of(List.of(busybox, layer), "sh"), "test \"$(cat " + file + ")\" = " + content);
    }
}
