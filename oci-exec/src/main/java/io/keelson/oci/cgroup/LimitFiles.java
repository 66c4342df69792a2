package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryIteratorException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * The limits of a group as the kernel had them at one moment, to be written back if a change of them comes to nothing. They are the
 * kernel's own words and not what somebody asked for, since of a limit that nobody spoke of only the kernel knows what it is.
 */
public final class LimitFiles {
    private static final List<String> NAMES = List.of(
            "cpu.shares",
            "cpu.cfs_period_us",
            "cpu.cfs_quota_us",
            "memory.limit_in_bytes",
            "memory.memsw.limit_in_bytes",
            "cpu.weight",
            "cpu.max",
            "memory.max",
            "memory.swap.max");

    private static final List<String> CPUSET_NAMES = List.of("cpuset.cpus", "cpuset.mems");
    private static final String HUGEPAGES = "hugetlb.*.{limit_in_bytes,max}";

    /** Some can only be written once others are: the limit of memory and swap is never below that of memory. */
    private static final int PASSES = 4;

    private final Map<Path, String> contents;

    public LimitFiles(Map<Path, String> contents) {
        this.contents = new LinkedHashMap<>(contents);
    }

    static LimitFiles read(Cgroups cgroups, String group, Set<String> more) {
        var contents = new LinkedHashMap<Path, String>();
        for (var directory : cgroups.directories(group)) {
            var names = new ArrayList<>(NAMES);
            names.addAll(more);
            names.addAll(hugepages(directory));
            readAll(directory, names, contents);
            // Those of the groups within it cannot be wider.
            Cgroups.tree(directory).forEach(each -> readAll(each, CPUSET_NAMES, contents));
        }
        return new LimitFiles(contents);
    }

    private static List<String> hugepages(Path directory) {
        var names = new ArrayList<String>();
        try (var files = Files.newDirectoryStream(directory, HUGEPAGES)) {
            files.forEach(file -> names.add(file.getFileName().toString()));
        } catch (IOException | DirectoryIteratorException e) {
            // The group is gone.
            return List.of();
        }
        return names;
    }

    private static void readAll(Path directory, List<String> names, Map<Path, String> contents) {
        for (var name : names) {
            var file = directory.resolve(name);
            content(file).ifPresent(text -> contents.put(file, text));
        }
    }

    private static Optional<String> content(Path file) {
        try {
            return Optional.of(Files.readString(file, StandardCharsets.US_ASCII));
        } catch (IOException e) {
            // There is no such file in this hierarchy, or no such group any more.
            return Optional.empty();
        }
    }

    /**
     * Writes back those that are different now. A group that is gone has no limits, and is a success.
     *
     * @throws Failure WRONG_STATE if the kernel does not take one of them
     */
    public void restore() {
        var refused = changed();
        for (var pass = 0; pass < PASSES && !refused.isEmpty(); pass++) {
            refused.forEach(this::write);
            refused = changed();
        }
        if (!refused.isEmpty()) {
            throw Failure.wrongState("cannot write back the limit " + refused.getFirst() + ", which was "
                    + contents.getOrDefault(refused.getFirst(), "").strip());
        }
    }

    private List<Path> changed() {
        return contents.entrySet().stream()
                .filter(entry -> content(entry.getKey())
                        .map(now -> !now.equals(entry.getValue()))
                        .orElse(false))
                .map(Map.Entry::getKey)
                .toList();
    }

    private void write(Path file) {
        try {
            Files.writeString(file, contents.getOrDefault(file, ""), StandardOpenOption.WRITE);
        } catch (IOException e) {
            // It may be taken once another is written; whether it was shows in what is read afterwards.
            return;
        }
    }

    public Json.Obj toJson() {
        var files = new LinkedHashMap<String, String>();
        contents.forEach((file, text) -> files.put(file.toString(), text));
        return Json.object().putTextMap("files", files).build();
    }

    public static LimitFiles fromJson(Json.Obj json) {
        var contents = new LinkedHashMap<Path, String>();
        json.textMap("files").forEach((file, text) -> contents.put(Path.of(file), text));
        return new LimitFiles(contents);
    }
}
