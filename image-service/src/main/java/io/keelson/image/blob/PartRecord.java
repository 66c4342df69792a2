package io.keelson.image.blob;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;

/**
 * Which parts of a blob are on disk.
 *
 * @param partBytes length of each part but the last
 * @param done numbers of the parts that are whole
 */
record PartRecord(Digest digest, long sizeBytes, int partBytes, BitSet done) {
    static final int VERSION = 1;
    static final int MAX_BYTES = 1 << 20;

    static PartRecord empty(Digest digest, long sizeBytes, int partBytes) {
        return new PartRecord(digest, sizeBytes, partBytes, new BitSet());
    }

    int parts() {
        return Math.toIntExact((sizeBytes + partBytes - 1) / partBytes);
    }

    long from(int part) {
        return (long) part * partBytes;
    }

    long to(int part) {
        return Math.min(sizeBytes, from(part) + partBytes);
    }

    /** Of the parts that are whole. */
    long bytesDone() {
        return done.stream().mapToLong(part -> to(part) - from(part)).sum();
    }

    byte[] toBytes() {
        return Json.object()
                .put("version", VERSION)
                .put("digest", digest.toString())
                .put("sizeBytes", sizeBytes)
                .put("partBytes", partBytes)
                .putAll("done", runs())
                .build()
                .toBytes();
    }

    /** Parts that follow each other are one entry: the first, and the first that is not there. */
    private List<Json> runs() {
        var runs = new ArrayList<Json>();
        for (var first = done.nextSetBit(0); first >= 0; ) {
            var next = done.nextClearBit(first);
            runs.add(Json.object().put("from", first).put("to", next).build());
            first = done.nextSetBit(next);
        }
        return runs;
    }

    /** @throws Failure INVALID or ABSENT if it is no such record */
    static PartRecord parse(byte[] bytes) {
        var json = Json.parseObject(bytes);
        if (json.number("version") != VERSION) {
            throw Failure.invalid("it has version " + json.number("version") + ", not " + VERSION);
        }
        var partBytes = json.number("partBytes");
        var sizeBytes = json.number("sizeBytes");
        if (partBytes < 1
                || partBytes > Integer.MAX_VALUE
                || sizeBytes < 1
                || sizeBytes / partBytes >= Integer.MAX_VALUE) {
            throw Failure.invalid("it says nothing sensible of " + sizeBytes + " bytes");
        }
        var record = empty(Digest.parse(json.text("digest")), sizeBytes, (int) partBytes);
        for (var run : json.objects("done")) {
            var from = run.number("from");
            var to = run.number("to");
            if (from < 0 || to < from || to > record.parts()) {
                throw Failure.invalid("it has parts from " + from + " to " + to + " of " + record.parts());
            }
            record.done.set((int) from, (int) to);
        }
        return record;
    }
}
