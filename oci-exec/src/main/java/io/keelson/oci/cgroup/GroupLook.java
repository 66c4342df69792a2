package io.keelson.oci.cgroup;

import io.keelson.oci.cgroup.OpenGroup.Place;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/**
 * One look at a group's counters. Each file is read when it is first asked for, and never again: what a look tells does not change.
 * What the kernel does not count is absent, and not zero. For any number of threads.
 */
public final class GroupLook {
    private static final String UNLIMITED = "max";

    private final OpenGroup group;
    private final CgroupLayout layout;
    private final Map<Place, Optional<CounterText>> texts = new HashMap<>();
    private Optional<Set<Long>> processes = Optional.empty();

    GroupLook(OpenGroup group, CgroupLayout layout) {
        this.group = group;
        this.layout = layout;
    }

    public OptionalLong find(GroupCounter counter) {
        var source = counter.source(layout.isUnified());
        if (source.isNone()) {
            return OptionalLong.empty();
        }
        var text = text(source.place());
        if (text.isEmpty()) {
            return OptionalLong.empty();
        }
        var number = source.line().isEmpty()
                ? text.get().number(UNLIMITED)
                : text.get().find(source.line());
        return number.isEmpty() ? number : OptionalLong.of(number.getAsLong() * source.factor());
    }

    /** What is looked at most often. */
    public CgroupUsage usage() {
        return CgroupUsage.of(this, layout);
    }

    /** Of version 2, also beside version 1. */
    Optional<Pressure> pressure(String resource) {
        return text(Place.UNIFIED, resource + ".pressure").flatMap(Pressure::parse);
    }

    /** In the group itself, and not in those below it. Read when it is first asked for, as files are. */
    public synchronized Set<Long> processes() {
        if (processes.isEmpty()) {
            processes = Optional.of(Collections.unmodifiableSet(group.processes()));
        }
        return processes.get();
    }

    /** By device, in the kernel's order. */
    public List<DeviceTraffic> traffic() {
        if (layout.isUnified()) {
            return text("", "io.stat").map(DeviceTraffic::version2).orElse(List.of());
        }
        var bytes = text("blkio", "blkio.throttle.io_service_bytes_recursive");
        var operations = text("blkio", "blkio.throttle.io_serviced_recursive");
        return bytes.isPresent() && operations.isPresent()
                ? DeviceTraffic.version1(bytes.get(), operations.get())
                : List.of();
    }

    /**
     * Of each size that the group counts.
     *
     * @param sizes {@code 2MB} say
     */
    public List<HugePages> hugePages(List<String> sizes) {
        var found = new ArrayList<HugePages>();
        for (var size : sizes) {
            var name = "hugetlb." + size + (layout.isUnified() ? ".current" : ".usage_in_bytes");
            var most = text("hugetlb", "hugetlb." + size + ".max_usage_in_bytes");
            text("hugetlb", name)
                    .map(text -> text.number(UNLIMITED))
                    .filter(OptionalLong::isPresent)
                    .ifPresent(bytes -> found.add(new HugePages(
                            size,
                            bytes.getAsLong(),
                            most.map(text -> text.number(UNLIMITED)).orElse(OptionalLong.empty()))));
        }
        return found;
    }

    /**
     * @param mostBytes at any time; absent if the kernel does not keep it
     */
    public record HugePages(String size, long bytes, OptionalLong mostBytes) {}

    private Optional<CounterText> text(String controller, String file) {
        return text(new Place(controller, file));
    }

    private synchronized Optional<CounterText> text(Place place) {
        var known = texts.get(place);
        if (known == null) {
            known = group.read(place).map(CounterText::new);
            texts.put(place, known);
        }
        return known;
    }
}
