package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.NotDirectoryException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/** Finds out what a node has, by the files of sysfs and of the control groups. */
final class HostResourcesDetection {
    private static final String HUGEPAGES = "hugetlb";
    private static final String MEMORY = "memory";
    private static final Pattern PAGE_DIRECTORY = Pattern.compile("hugepages-(\\d{1,12})kB");
    private static final String THE_ONLY_ONE = "0";

    private HostResourcesDetection() {}

    static HostResources read(Path sys, CgroupLayout layout) {
        return new HostResources(
                layout.isUnified(),
                countsSwap(layout),
                limitsHugepages(layout),
                pageSizes(sys.resolve("kernel/mm/hugepages")),
                text(sys.resolve("devices/system/cpu/online"), THE_ONLY_ONE),
                text(sys.resolve("devices/system/node/online"), THE_ONLY_ONE));
    }

    private static boolean countsSwap(CgroupLayout layout) {
        return switch (layout) {
            // The root group of version 2 has no limits; those below it have the same files, all of them.
            case CgroupLayout.Unified(var root) ->
                children(root).stream().anyMatch(group -> Files.exists(group.resolve("memory.swap.max")));
            case CgroupLayout.Legacy(var hierarchies) -> countsSwap(hierarchies);
            case CgroupLayout.Hybrid(var hierarchies, var _, var _) -> countsSwap(hierarchies);
        };
    }

    private static boolean countsSwap(Map<String, Path> hierarchies) {
        var memory = hierarchies.get(MEMORY);
        return memory != null && Files.exists(memory.resolve("memory.memsw.limit_in_bytes"));
    }

    private static boolean limitsHugepages(CgroupLayout layout) {
        return switch (layout) {
            case CgroupLayout.Unified(var root) ->
                List.of(text(root.resolve("cgroup.controllers"), "").split(" ", -1))
                        .contains(HUGEPAGES);
            case CgroupLayout.Legacy(var hierarchies) -> hierarchies.containsKey(HUGEPAGES);
            case CgroupLayout.Hybrid(var hierarchies, var _, var _) -> hierarchies.containsKey(HUGEPAGES);
        };
    }

    private static Set<String> pageSizes(Path directory) {
        var sizes = new HashSet<String>();
        for (var child : children(directory)) {
            var match = PAGE_DIRECTORY.matcher(child.getFileName().toString());
            if (match.matches()) {
                sizes.add(pageSize(Long.parseLong(match.group(1))));
            }
        }
        return sizes;
    }

    /** As the kernel names its control group files, and Kubernetes with it. */
    private static String pageSize(long kibibytes) {
        if (kibibytes >= 1 << 20) {
            return (kibibytes >> 20) + "GB";
        }
        return kibibytes >= 1 << 10 ? (kibibytes >> 10) + "MB" : kibibytes + "KB";
    }

    private static List<Path> children(Path directory) {
        var result = new ArrayList<Path>();
        try (var children = Files.newDirectoryStream(directory)) {
            children.forEach(result::add);
        } catch (NoSuchFileException | NotDirectoryException e) {
            return List.of();
        } catch (IOException e) {
            throw Failure.internal("cannot list " + directory, e);
        }
        return result;
    }

    private static String text(Path file, String otherwise) {
        try {
            return Files.readString(file, StandardCharsets.US_ASCII).strip();
        } catch (NoSuchFileException e) {
            return otherwise;
        } catch (IOException e) {
            throw Failure.internal("cannot read " + file, e);
        }
    }
}
