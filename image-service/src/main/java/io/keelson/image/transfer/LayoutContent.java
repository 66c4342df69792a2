package io.keelson.image.transfer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.file.Files;
import java.nio.file.Path;

/** The one image of an OCI image layout, to be pushed. Digests are left to the registry to check. */
public final class LayoutContent implements PushContent {
    private static final int MAX_DOCUMENT_BYTES = 4 << 20;

    private final Path directory;

    public LayoutContent(Path directory) {
        this.directory = directory;
    }

    /** @throws Failure INVALID if there is no image in it */
    public Descriptor top() {
        var index = Json.parseObject(DurableFiles.read(directory.resolve("index.json"), MAX_DOCUMENT_BYTES));
        return index.objects("manifests").stream()
                .findFirst()
                .map(Descriptor::parse)
                .orElseThrow(() -> Failure.invalid("there is no image in " + directory));
    }

    @Override
    public byte[] document(Digest digest) {
        return DurableFiles.find(path(digest), MAX_DOCUMENT_BYTES)
                .orElseThrow(() -> Failure.absent(digest + " is not on this node"));
    }

    @Override
    public InputStream open(Digest digest, long offset) throws IOException {
        var channel = Files.newByteChannel(path(digest));
        channel.position(offset);
        return Channels.newInputStream(channel);
    }

    private Path path(Digest digest) {
        return directory.resolve("blobs").resolve(digest.algorithm()).resolve(digest.hex());
    }
}
