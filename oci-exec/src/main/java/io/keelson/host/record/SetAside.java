package io.keelson.host.record;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** What could not be used and was moved out of the way, or could not be moved either, for people to look at and to delete. */
public final class SetAside {
    private static final String EARLIER = "an earlier start set it aside; its log says why";

    private final List<Kept> kept = new CopyOnWriteArrayList<>();

    /**
     * One thing.
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

    /**
     * Moves the thing out of the way; what has that name already gives way.
     *
     * @return where it is now: where the disk does not let it be moved, it stays
     */
    public Path move(Path from, Path to, String why) {
        try {
            DurableFiles.deleteTree(to);
            DurableFiles.publish(from, to);
            add(to, why);
            return to;
        } catch (Failure e) {
            var place = Files.notExists(from) ? to : from;
            add(place, why + "; it could not be moved away: " + e.getMessage());
            return place;
        }
    }

    /** Found where such things are kept. */
    public void addEarlier(Path place) {
        if (kept.stream().noneMatch(other -> other.place().equals(place))) {
            kept.add(new Kept(place, EARLIER));
        }
    }

    /** All that nobody has deleted yet, as far as the disk says. */
    public List<Kept> list() {
        return kept.stream().filter(each -> !Files.notExists(each.place())).toList();
    }
}
