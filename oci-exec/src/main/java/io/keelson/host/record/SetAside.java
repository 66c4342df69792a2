package io.keelson.host.record;

import io.keelson.host.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What could not be used and was moved out of the way, for people to look at and to delete. */
public final class SetAside {
    private static final String EARLIER = "an earlier start set it aside; its log says why";

    private final List<Kept> kept = new CopyOnWriteArrayList<>();

    /**
     * One thing that was moved.
     *
     * @param place where it is now
     */
    public record Kept(Path place, String why) {
        public Json.Obj toJson() {
            return Json.object().put("place", place.toString()).put("why", why).build();
        }
    }

    public void add(Path place, String why) {
        kept.removeIf(other -> other.place().equals(place));
        kept.add(new Kept(place, why));
    }

    /** Found where such things are kept. */
    public void addEarlier(Path place) {
        if (kept.stream().noneMatch(other -> other.place().equals(place))) {
            kept.add(new Kept(place, EARLIER));
        }
    }

    /** All that nobody has deleted yet. */
    public List<Kept> list() {
        return kept.stream().filter(each -> Files.exists(each.place())).toList();
    }
}
