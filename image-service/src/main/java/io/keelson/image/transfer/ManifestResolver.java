package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.blob.EmbeddedData;
import io.keelson.image.blob.HostPlatform;
import io.keelson.image.blob.ManifestDocument;
import io.keelson.image.blob.ManifestDocument.Index;
import io.keelson.image.blob.ManifestDocument.Manifest;
import io.keelson.image.blob.Platform;
import io.keelson.image.blob.PlatformChoice;
import io.keelson.image.registry.Documents;
import io.keelson.image.registry.FetchedManifest;
import io.keelson.image.registry.RegistrySession;
import java.util.ArrayList;
import java.util.List;

/** From what a registry has under a name to the one manifest that is for this machine. */
public final class ManifestResolver {
    /** Most indexes on the way to a manifest. */
    public static final int MAX_INDEX_DEPTH = 2;
    /** Largest config that is read. */
    public static final int MAX_CONFIG_BYTES = 4 << 20;

    private final PlatformChoice choice;

    public ManifestResolver(HostPlatform host) {
        this.choice = new PlatformChoice(host);
    }

    /** A document, with what describes it. */
    public record Document(Descriptor descriptor, byte[] bytes) {}

    /**
     * All that an image says about itself.
     *
     * @param chain from what the name stands for to the manifest, which is the last
     */
    public record Resolved(List<Document> chain, Manifest manifest, byte[] config) {
        public Resolved {
            chain = List.copyOf(chain);
        }

        /** What the name stands for. */
        public Descriptor top() {
            return chain.getFirst().descriptor();
        }
    }

    /** @throws Failure INVALID if there is no image for this machine, or the documents contradict themselves */
    public Resolved resolve(Documents documents, FetchedManifest top) {
        var chain = new ArrayList<Document>();
        var fetched = top;
        for (var depth = 0; depth <= MAX_INDEX_DEPTH; depth++) {
            var document = ManifestDocument.parse(fetched.bytes(), fetched.contentType());
            chain.add(new Document(
                    new Descriptor(document.mediaType(), fetched.digest(), fetched.bytes().length), fetched.bytes()));
            switch (document) {
                case Manifest manifest -> {
                    return new Resolved(chain, manifest, config(documents, manifest));
                }
                case Index index -> fetched = next(documents, index);
            }
        }
        throw Failure.invalid("more than " + MAX_INDEX_DEPTH + " indexes, one in another");
    }

    private FetchedManifest next(Documents documents, Index index) {
        var chosen = choice.among(index).descriptor();
        if (chosen.sizeBytes() > RegistrySession.MAX_MANIFEST_BYTES) {
            throw Failure.exhausted(
                    "manifest " + chosen.digest() + " is larger than " + RegistrySession.MAX_MANIFEST_BYTES + " bytes");
        }
        var fetched = chosen.data()
                .map(data -> new FetchedManifest(data.bytes(), chosen.mediaType(), chosen.digest()))
                .orElseGet(() -> documents.manifest(chosen.digest()));
        if (fetched.bytes().length != chosen.sizeBytes()) {
            throw Failure.invalid("manifest " + chosen.digest() + " has " + fetched.bytes().length
                    + " bytes, and the index says " + chosen.sizeBytes());
        }
        // The index's word counts as much as the server's: it is what was hashed.
        ManifestDocument.parse(fetched.bytes(), chosen.mediaType());
        return fetched;
    }

    private static byte[] config(Documents documents, Manifest manifest) {
        var config = manifest.config();
        return config.data()
                .map(EmbeddedData::bytes)
                .orElseGet(() -> documents.blob(config.digest(), config.sizeBytes(), MAX_CONFIG_BYTES));
    }

    /** @throws Failure INVALID if an image with this config does not run here */
    public void checkPlatform(Platform config) {
        choice.check(config);
    }
}
