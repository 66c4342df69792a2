package io.keelson.oci.cgroup;

import io.keelson.host.linux.CounterFile;
import io.keelson.host.linux.LinuxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The files of one group that were read once, held open: to read them again takes one call each. A file that the group's directory
 * does not have is not looked for again; a group that is gone, or not there yet, is.
 */
public final class OpenGroup implements AutoCloseable {
    private final Cgroups cgroups;
    private final String group;
    private final Map<Place, Optional<CounterFile>> files = new HashMap<>();
    private final ProcessTree processes;
    private boolean isClosed;

    /**
     * Where a file is in the group.
     *
     * @param controller in whose hierarchy; {@link #UNIFIED} for that of version 2, also beside version 1
     */
    record Place(String controller, String file) {
        static final String UNIFIED = "unified";

        /** Each counter is looked up by it; what a record makes of all its parts takes longer than to read them. */
        @Override
        public int hashCode() {
            return file.hashCode();
        }

        @Override
        public boolean equals(Object other) {
            return other instanceof Place(var itsController, var itsFile)
                    && file.equals(itsFile)
                    && controller.equals(itsController);
        }
    }

    OpenGroup(Cgroups cgroups, String group) {
        this.cgroups = cgroups;
        this.group = group;
        processes = new ProcessTree(
                cgroups.processDirectory(group), cgroups.layout().isUnified());
    }

    /** Each file is read once, when the look is first asked for something in it: by whoever asks at once, at about one moment. */
    public GroupLook look() {
        return new GroupLook(this, cgroups.layout());
    }

    /** How many processes are in the group and in those below it, as they are at the time of this call; none if it is gone. */
    public long processCount() {
        return processes.count();
    }

    /** In the group itself, and not in those below it, as they are at the time of this call. */
    Set<Long> processes() {
        try {
            return processes.own();
        } catch (LinuxException e) {
            // Out of descriptors, as in open().
            return Set.of();
        }
    }

    Optional<String> read(Place place) {
        var text = open(place).flatMap(CounterFile::read);
        if (text.isEmpty()) {
            forget(place);
        }
        return text;
    }

    private Optional<Path> directory(Place place) {
        return place.controller().equals(Place.UNIFIED)
                ? cgroups.unifiedDirectory(group)
                : cgroups.directory(group, place.controller());
    }

    private Optional<Path> path(Place place) {
        return directory(place).map(directory -> directory.resolve(place.file()));
    }

    private synchronized Optional<CounterFile> open(Place place) {
        if (isClosed) {
            return Optional.empty();
        }
        try {
            var known = files.get(place);
            if (known == null) {
                known = path(place).flatMap(CounterFile::open);
                if (known.isPresent() || isThere(place)) {
                    files.put(place, known);
                }
            }
            return known;
        } catch (LinuxException e) {
            // Out of descriptors, say: the next look tries again.
            return Optional.empty();
        }
    }

    /** What cannot be read may be back with the next group of the name. */
    private synchronized void forget(Place place) {
        var known = files.get(place);
        if (known != null && known.isPresent()) {
            files.remove(place);
            known.get().close();
        }
    }

    /** The directory in which the file would be. A controller that is not mounted will not be. */
    private boolean isThere(Place place) {
        return directory(place).map(Files::isDirectory).orElse(true);
    }

    /** Nothing is read any more. */
    @Override
    public synchronized void close() {
        isClosed = true;
        processes.close();
        files.values().forEach(file -> file.ifPresent(CounterFile::close));
        files.clear();
    }
}
