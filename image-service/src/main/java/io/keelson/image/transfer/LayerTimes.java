package io.keelson.image.transfer;

import io.keelson.host.json.Json;
import io.keelson.image.reference.Digest;
import java.util.List;
import java.util.Locale;

/**
 * Where one layer's time went. The stages run beside each other, so they do not add up to the total.
 *
 * @param origin what became of it
 * @param endpoints that sent it; none if nobody did
 * @param resumes how often something broke and was taken up again
 * @param parts it came in, beside those that an earlier pull had left
 * @param foundBytes that an earlier pull had left
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
        List<String> endpoints,
        int resumes,
        int parts,
        long foundBytes,
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
        /** Somebody else was fetching it. */
        SHARED,
        /** Came out of an archive. */
        IMPORTED,
        /** Came with the manifest, in the layer's descriptor. */
        EMBEDDED,
        FETCHED
    }

    static LayerTimes without(Digest diffId, Digest blob, long blobBytes, Origin origin, long totalMicros) {
        return new LayerTimes(diffId, blob, blobBytes, origin, List.of(), 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, totalMicros);
    }

    Json.Obj toJson() {
        return Json.object()
                .put("diffId", diffId.toString())
                .put("blob", blob.toString())
                .put("blobBytes", blobBytes)
                .put("origin", origin.name().toLowerCase(Locale.ROOT))
                .putTexts("endpoints", endpoints)
                .put("resumes", resumes)
                .put("parts", parts)
                .put("foundBytes", foundBytes)
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
