package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.util.Locale;

/**
 * Where one layer's time went. The stages run beside each other, so they do not add up to the total.
 *
 * @param origin what became of it
 * @param endpoint that sent it; empty if none did
 * @param waitMicros for its turn
 * @param firstByteMicros from its turn to the first byte
 * @param networkMicros the converter waited for the network
 * @param hashMicros SHA-256 of the uncompressed stream, on a thread of its own
 */
public record LayerTimes(
        Digest diffId,
        Digest blob,
        long blobBytes,
        Origin origin,
        String endpoint,
        int resumes,
        long waitMicros,
        long firstByteMicros,
        long networkMicros,
        long inflateMicros,
        long hashMicros,
        long writeMicros,
        long fsyncMicros,
        long totalMicros) {
    /** How the pull came by a layer. */
    public enum Origin {
        /** Was here before. */
        REUSED,
        /** Another pull was fetching it. */
        SHARED,
        FETCHED
    }

    static LayerTimes without(Digest diffId, Digest blob, long blobBytes, Origin origin, long totalMicros) {
        return new LayerTimes(diffId, blob, blobBytes, origin, "", 0, 0, 0, 0, 0, 0, 0, 0, totalMicros);
    }

    Json.Obj toJson() {
        return Json.object()
                .put("diffId", diffId.toString())
                .put("blob", blob.toString())
                .put("blobBytes", blobBytes)
                .put("origin", origin.name().toLowerCase(Locale.ROOT))
                .put("endpoint", endpoint)
                .put("resumes", resumes)
                .put("waitMicros", waitMicros)
                .put("firstByteMicros", firstByteMicros)
                .put("networkMicros", networkMicros)
                .put("inflateMicros", inflateMicros)
                .put("hashMicros", hashMicros)
                .put("writeMicros", writeMicros)
                .put("fsyncMicros", fsyncMicros)
                .put("totalMicros", totalMicros)
                .build();
    }
}
