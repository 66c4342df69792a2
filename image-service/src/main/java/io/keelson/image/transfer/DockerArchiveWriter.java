package io.keelson.image.transfer;

import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes one image as {@code docker save} does: plain tars of its layers, its config, and a table of contents. */
public final class DockerArchiveWriter {
    private final TarOutput tar;
    private final List<String> layers = new ArrayList<>();
    private String config = "";

    public DockerArchiveWriter(OutputStream out) {
        this.tar = new TarOutput(out);
    }

    /** Writes what it is told to, in full. */
    @FunctionalInterface
    public interface Contents {
        void writeTo(OutputStream out) throws IOException;
    }

    public void config(Digest digest, byte[] bytes) throws IOException {
        config = digest.hex() + ".json";
        tar.file(config, bytes);
    }

    /** The next layer, upwards; one that comes twice is stored once. */
    public void layer(Digest diffId, long size, Contents contents) throws IOException {
        var name = diffId.hex() + ".tar";
        if (!layers.contains(name)) {
            tar.file(name, size, contents::writeTo);
        }
        layers.add(name);
    }

    public void end(List<String> tags) throws IOException {
        tar.file(
                DockerArchive.FILE,
                new DockerArchive(List.of(new DockerArchive.Image(config, tags, layers))).toBytes());
        tar.end();
    }
}
