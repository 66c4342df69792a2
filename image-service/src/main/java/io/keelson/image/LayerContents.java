package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.OciLayout;
import io.keelson.image.compression.Compression;
import io.keelson.image.layer.Layer;
import io.keelson.image.layer.LayerTar;
import java.io.IOException;
import java.io.OutputStream;
import java.security.DigestOutputStream;
import java.util.Optional;

/**
 * A layer for somebody else: as it came, where its blob is kept, and otherwise as the same tar in another wrapping.
 *
 * @param blob what the image's manifest says of it; absent if the manifest is damaged
 */
record LayerContents(OciLayout layout, Layer layer, Optional<Descriptor> blob) {
    /** The blob as it came, if it is kept. */
    Optional<Descriptor> kept() {
        return blob.filter(descriptor -> layout.has(descriptor.digest()));
    }

    /** @throws Failure INVALID if what is kept is damaged */
    void writeBlob(OutputStream out) throws IOException {
        var descriptor = kept().orElseThrow();
        try (var in = layout.stream(descriptor.digest())) {
            var hash = descriptor.digest().newHash();
            in.transferTo(new DigestOutputStream(out, hash));
            if (!descriptor.digest().sameKind(hash).equals(descriptor.digest())) {
                throw Failure.invalid("blob " + descriptor.digest() + " on disk is damaged");
            }
        }
    }

    /** @throws Failure ABSENT if neither the blob nor the headers are here, INVALID if they are damaged */
    void writeTar(OutputStream out) throws IOException {
        var descriptor = kept();
        if (LayerTar.isAvailable(layer) || descriptor.isEmpty()) {
            LayerTar.write(layer, out);
            return;
        }
        try (var in = layout.stream(descriptor.get().digest())) {
            LayerTar.unpack(in, Compression.ofMediaType(descriptor.get().mediaType()), layer.diffId(), out);
        }
    }
}
