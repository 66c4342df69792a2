package io.keelson.server.images;

import io.keelson.host.json.Json;
import io.keelson.server.text.ProgressBar;
import io.keelson.server.text.Sizes;
import java.util.List;

/** How far a pull is, in one line. */
final class PullBar {
    private PullBar() {}

    /** @param running pulls as they tell of themselves; empty if there is none */
    static String of(List<Json.Obj> running) {
        return running.stream().findFirst().map(PullBar::of).orElse("");
    }

    private static String of(Json.Obj pull) {
        var layers = pull.objects("layers");
        var all = layers.stream().mapToLong(layer -> layer.number("blobBytes")).sum();
        var done = layers.stream().mapToLong(PullBar::received).sum();
        var ready = layers.stream().filter(layer -> !isComing(layer)).count();
        return layers.isEmpty()
                ? "asking for the manifest"
                : ProgressBar.of(done, all) + " of " + Sizes.text(all) + ", " + ready + " of " + layers.size()
                        + " layers ready";
    }

    private static boolean isComing(Json.Obj layer) {
        return layer.has("receivedBytes");
    }

    private static long received(Json.Obj layer) {
        return Math.min(layer.numberOr("receivedBytes", Long.MAX_VALUE), layer.number("blobBytes"));
    }
}
