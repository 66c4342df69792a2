package io.keelson.image.layer;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Rollback;
import io.keelson.host.linux.NativeMemory;
import io.keelson.host.linux.PlatformThread;
import io.keelson.image.compression.CompressedInput;
import io.keelson.image.compression.Compression;
import io.keelson.image.compression.Decompressors;
import io.keelson.image.reference.Digest;
import io.keelson.image.tar.TarReader;
import io.keelson.image.tar.TarRecorder;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * Turns a layer's blob into a layer file, or a tree, in one pass: unpack, hash, read the tar, write. The work is done on platform
 * threads, so that neither inflating nor the disk holds the carrier of a virtual one: one reads the tar and writes, one unpacks, one hashes.
 */
public final class LayerConverter {
    private final LayerStore store;
    private final LayerLimits limits;
    private final boolean keepsHeaders;
    private final LayerKind kind;

    public LayerConverter(LayerStore store, LayerLimits limits) {
        this(store, limits, true, LayerKind.EROFS);
    }

    /**
     * @param keepsHeaders whether {@link LayerTar} shall be able to make the tar again; costs about a thousandth of the layer
     * @param kind trees, or files
     */
    public LayerConverter(LayerStore store, LayerLimits limits, boolean keepsHeaders, LayerKind kind) {
        this.keepsHeaders = keepsHeaders;
        this.store = store;
        this.limits = limits;
        this.kind = kind;
    }

    /**
     * Reads the stream to its end, on another thread, and does not close it. When this returns, the layer is durable and known
     * to the store; when it throws, nothing of it is left.
     *
     * @param stated what the media type says; what the blob begins with decides
     * @param times receives how long each stage took
     * @throws Failure INVALID if the blob is no such layer; EXHAUSTED if it exceeds a limit or the disk is full; UNAVAILABLE if
     *     the stream fails; CANCELLED if the caller was interrupted
     */
    public Layer convert(InputStream compressed, Compression stated, Digest expectedDiffId, StageTimes times) {
        try {
            return PlatformThread.call("layer-convert", () -> convertHere(compressed, stated, expectedDiffId, times));
        } catch (Failure e) {
            throw e.during("cannot unpack layer " + expectedDiffId);
        }
    }

    private Layer convertHere(InputStream compressed, Compression stated, Digest diffId, StageTimes times) {
        var start = System.nanoTime();
        try (var undo = new Rollback()) {
            var work = store.begin(diffId);
            undo.add("remove " + work, () -> store.abandon(work));
            var written = write(compressed, stated, diffId, work, times);
            var layer = store.publish(work, written);
            undo.commit();
            return layer;
        } finally {
            times.add(StageTimes.Stage.TOTAL, System.nanoTime() - start);
        }
    }

    private Layer write(InputStream compressed, Compression stated, Digest diffId, Path work, StageTimes times) {
        try (var memory = new NativeMemory();
                var writer = writer(work, times, memory);
                var headers = keepsHeaders ? new HeadersFile(work.resolve(LayerStore.HEADERS)) : null;
                var decompressor = Decompressors.of(
                        new CompressedInput(compressed, nanos -> times.add(StageTimes.Stage.READ, nanos), memory),
                        stated);
                var source =
                        new HashedSource(decompressor, diffId.algorithm(), limits.unpackedBytes(), times, memory)) {
            TarRecorder recorder = headers == null ? TarRecorder.NONE : headers;
            var tree = new LayerBuilder(new TarReader(source, recorder), writer, limits, recorder).build();
            var actual = source.digest();
            if (!actual.equals(diffId)) {
                throw Failure.invalid("its contents have the digest " + actual);
            }
            var implied = LayerBuilder.impliedDirectories(tree);
            var written = writer.finish(tree, diffId);
            if (headers != null) {
                headers.finish(writer::position);
            }
            var layer = new Layer(
                    diffId,
                    work.resolve(kind == LayerKind.DIRECTORY ? LayerStore.TREE : LayerStore.FILE),
                    written.sizeBytes(),
                    written.digest(),
                    written.inodes(),
                    source.length(),
                    tree.root.attributes != null,
                    implied);
            store.describe(work, layer);
            synchronise(writer, headers, work);
            return layer;
        } catch (IOException e) {
            throw DurableFiles.failed("write", work, e);
        }
    }

    /** The small files first on their way: then one commit of the file system's journal takes them all. */
    private static void synchronise(LayerWriter writer, @Nullable HeadersFile headers, Path work) throws IOException {
        if (headers != null) {
            DurableFiles.startWriteback(work.resolve(LayerStore.HEADERS));
        }
        writer.synchronise();
        if (headers != null) {
            headers.synchronise();
        }
    }

    private LayerWriter writer(Path work, StageTimes times, NativeMemory memory) throws IOException {
        return kind == LayerKind.DIRECTORY
                ? new TreeWriter(work, limits.storedBytes(), times, keepsHeaders)
                : new ErofsWriter(new BlockFile(work.resolve(LayerStore.FILE), limits.storedBytes(), times, memory));
    }
}
