package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.util.regex.Pattern;

/** Names of control groups, as a pure function of what kubelet asks for. */
public final class CgroupPaths {
    /** The parent of pods whose caller names none. */
    public static final String DEFAULT_PARENT = "/keelson";

    /** Names beneath which systemd puts containers, {@code slice:prefix:name}. */
    private static final String SCOPE_PREFIX = "keelson";

    private static final String SLICE_SUFFIX = ".slice";
    private static final String DEFAULT_SLICE = "system.slice";
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:@\\\\-]{1,255}");

    private CgroupPaths() {}

    /**
     * The container's {@code cgroupsPath}, always below its pod's group.
     *
     * @param parent the pod's group as the caller names it, empty if it does not care
     * @throws Failure INVALID for a parent that is no path of plain names, or not a slice where systemd is to make groups
     */
    public static String container(CgroupDriver driver, String parent, String podId, String containerId) {
        return switch (driver) {
            case CGROUPFS -> pod(parent, podId) + "/" + containerId;
            case SYSTEMD -> slice(parent) + ":" + SCOPE_PREFIX + ":" + containerId;
        };
    }

    /** The group that a container's {@code cgroupsPath} leads to: what lies below each hierarchy's root. */
    public static String directory(String cgroupsPath) {
        var parts = cgroupsPath.split(":", -1);
        return parts.length == 3
                ? sliceDirectory(parts[0]) + "/" + parts[1] + "-" + parts[2] + ".scope"
                : checked(cgroupsPath);
    }

    /** The pod's group with the cgroupfs driver. */
    public static String pod(String parent, String podId) {
        return parent.isEmpty() ? DEFAULT_PARENT + "/" + checkedName(podId) : checked(parent);
    }

    private static String slice(String parent) {
        if (parent.isEmpty()) {
            return DEFAULT_SLICE;
        }
        var name = checkedName(parent.substring(parent.lastIndexOf('/') + 1));
        if (!name.endsWith(SLICE_SUFFIX)) {
            throw Failure.invalid(
                    "cgroup parent \"" + parent + "\" is not a slice, as the systemd cgroup driver needs");
        }
        return name;
    }

    /** {@code a-b.slice} lies in {@code a.slice} (systemd.slice(5)). */
    private static String sliceDirectory(String slice) {
        var directory = new StringBuilder();
        var name = slice.substring(0, slice.length() - SLICE_SUFFIX.length());
        for (var dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
            directory.append('/').append(name, 0, dash).append(SLICE_SUFFIX);
        }
        return directory.append('/').append(slice).toString();
    }

    private static String checked(String path) {
        if (!path.startsWith("/") || path.length() < 2) {
            throw Failure.invalid("cgroup path \"" + path + "\" is not absolute, or is the root");
        }
        for (var name : path.substring(1).split("/", -1)) {
            checkedName(name);
        }
        return path;
    }

    private static String checkedName(String name) {
        if (!NAME.matcher(name).matches() || name.equals("..") || name.equals(".")) {
            throw Failure.invalid("malformed name \"" + name.replaceAll("\\p{Cntrl}", "?") + "\" of a cgroup");
        }
        return name;
    }
}
