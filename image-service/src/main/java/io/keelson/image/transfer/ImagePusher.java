package io.keelson.image.transfer;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.lifecycle.Forks;
import io.keelson.image.blob.Descriptor;
import io.keelson.image.reference.Digest;
import io.keelson.image.reference.ImageReference;
import io.keelson.image.registry.Credentials;
import io.keelson.image.registry.PushSession;
import io.keelson.image.registry.RegistryClient;
import io.keelson.image.registry.RegistryConfiguration;
import io.keelson.image.registry.RegistrySession;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.Semaphore;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Supplier;

/**
 * Sends images to registries, from below: blobs, the manifests that name them, the index that names those, and last the tag. So a push
 * that is broken off leaves no name for half an image. What the registry has already is not sent.
 */
public final class ImagePusher {
    /** Blobs that are sent at the same time. */
    private static final int PARALLEL = 4;
    /** Most indexes on the way to a manifest. */
    private static final int MAX_INDEX_DEPTH = ManifestResolver.MAX_INDEX_DEPTH;

    private final RegistryClient client;
    private final Supplier<RegistryConfiguration> registries;

    /** @param registries asked at each push, so that a changed file counts from then on */
    public ImagePusher(RegistryClient client, Supplier<RegistryConfiguration> registries) {
        this.client = client;
        this.registries = registries;
    }

    /**
     * What is to be sent, and where.
     *
     * @param target with a tag, or a digest that is the image's
     * @param top the image's index or manifest
     * @param sources repositories of the same registry that may have blobs of it, which need not be sent then
     */
    public record Push(
            ImageReference target,
            Descriptor top,
            PushContent content,
            List<String> sources,
            Optional<Credentials> credentials) {
        public Push {
            sources = List.copyOf(sources);
        }
    }

    /** What was done: blobs by how they came there. */
    public record Pushed(Digest digest, int sent, int mounted, int present) {}

    /**
     * @throws Failure with what could not be sent and why; UNAVAILABLE beginning with {@code RegistryUnavailable: } if the registry
     *     does not answer, UNAUTHENTICATED or DENIED as it says
     */
    public Pushed push(Push push) {
        try {
            var session =
                    client.openPush(registries.get().endpoints(push.target()), push.credentials(), push.sources());
            return new Work(push, session).run();
        } catch (Failure e) {
            var prefix = e.kind() == Failure.Kind.UNAVAILABLE ? RegistrySession.REGISTRY_UNAVAILABLE : "";
            var text = String.valueOf(e.getMessage()).replace(RegistrySession.REGISTRY_UNAVAILABLE, "");
            throw new Failure(e.kind(), prefix + "cannot push " + push.target() + ": " + text, e);
        }
    }

    /** One push under way. */
    private static final class Work {
        private final Push push;
        private final PushSession session;
        private final Semaphore slots = new Semaphore(PARALLEL, true);
        private final AtomicInteger sent = new AtomicInteger();
        private final AtomicInteger mounted = new AtomicInteger();
        private final AtomicInteger present = new AtomicInteger();

        Work(Push push, PushSession session) {
            this.push = push;
            this.session = session;
        }

        Pushed run() {
            var top = push.top();
            var named = push.target().digest();
            if (named.isPresent() && !named.get().equals(top.digest())) {
                throw Failure.invalid("the image's digest is " + top.digest());
            }
            var document = prepare(top, 0);
            var name = push.target().tag().orElse(top.digest().toString());
            send(name, top, document);
            return new Pushed(top.digest(), sent.get(), mounted.get(), present.get());
        }

        /** Sends all that the document names, and returns it. */
        private byte[] prepare(Descriptor descriptor, int depth) {
            var bytes = push.content().document(descriptor.digest());
            var json = Json.parseObject(bytes);
            if (!json.has("manifests")) {
                blobs(json);
                return bytes;
            }
            if (depth == MAX_INDEX_DEPTH) {
                throw Failure.invalid("more than " + MAX_INDEX_DEPTH + " indexes, one in another");
            }
            for (var object : json.objects("manifests")) {
                var child = Descriptor.parse(object);
                if (!session.hasManifest(child.digest())) {
                    send(child.digest().toString(), child, prepare(child, depth + 1));
                }
            }
            return bytes;
        }

        private void blobs(Json.Obj manifest) {
            var unique = new LinkedHashMap<Digest, Descriptor>();
            var objects = new ArrayList<>(manifest.objects("layers"));
            manifest.findObject("config").ifPresent(objects::add);
            objects.stream().map(Descriptor::parse).forEach(blob -> unique.putIfAbsent(blob.digest(), blob));
            var tasks = new ArrayList<Callable<Void>>();
            unique.values()
                    .forEach(blob -> tasks.add(() -> {
                        inTurn(blob);
                        return null;
                    }));
            Forks.join(tasks);
        }

        private void inTurn(Descriptor blob) throws InterruptedException {
            slots.acquire();
            try {
                blob(blob);
            } catch (Failure e) {
                throw e.during("blob " + blob.digest());
            } finally {
                slots.release();
            }
        }

        private void blob(Descriptor blob) {
            var digest = blob.digest();
            if (session.hasBlob(digest)) {
                present.incrementAndGet();
                return;
            }
            for (var source : push.sources()) {
                if (session.mount(digest, source)) {
                    mounted.incrementAndGet();
                    return;
                }
            }
            session.upload(digest, blob.sizeBytes(), offset -> push.content().open(digest, offset));
            sent.incrementAndGet();
        }

        private void send(String name, Descriptor descriptor, byte[] bytes) {
            var json = Json.parseObject(bytes);
            var accepted = session.manifest(name, bytes, descriptor.mediaType());
            var subject = json.findObject("subject");
            if (subject.isPresent() && !accepted.keepsReferrers()) {
                new ReferrersTag(session, Descriptor.parse(subject.get()).digest()).add(descriptor, json);
            }
        }
    }
}
