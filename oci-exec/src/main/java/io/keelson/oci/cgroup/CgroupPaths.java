package io.keelson.oci.cgroup;

import io.keelson.host.failure.Failure;
import java.util.Map;
import java.util.regex.Pattern;

/** Names of control groups, as a pure function of what kubelet asks for and of who makes them. */
public final class CgroupPaths {
    private static final String OWN = "keelson";
    private static final String INIT = OWN + "-init-";
    private static final String MONITOR = OWN + "-conmon-";

    /** Before the container's id in its scope's name, which needs something there. */
    private static final String CONTAINER = "cri-" + OWN;

    private static final String SLICE = ".slice";
    private static final String SCOPE = ".scope";
    /** crun would make a group in the scope, and leave the scope itself without processes and limits. */
    private static final Map<String, String> NO_SUBGROUP = Map.of("run.oci.systemd.subgroup", "");

    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9_.:@\\\\-]{1,255}");

    /** Parts between dashes, each of which is a slice in the one before; the root slice is no place for pods. */
    private static final Pattern SLICE_NAME =
            Pattern.compile("[A-Za-z0-9_.@\\\\]+(?:-[A-Za-z0-9_.@\\\\]+)*" + Pattern.quote(SLICE));

    private CgroupPaths() {}

    /**
     * The pod's group, below each hierarchy's root.
     *
     * @param parent as the caller names it, and with systemd a slice, alone or with those that it is in; empty if the caller does not
     *     care
     * @throws Failure INVALID for a parent that is no path of plain names, or not a slice where systemd is to make groups
     */
    public static String pod(CgroupDriver driver, String parent, String podId) {
        return switch (driver) {
            case CGROUPFS -> parent.isEmpty() ? "/" + OWN + "/" + checkedName(podId) : checked(absolute(parent));
            case SYSTEMD -> parent.isEmpty() ? sliceDirectory(OWN + "-" + checkedName(podId) + SLICE) : slice(parent);
        };
    }

    private static String absolute(String path) {
        return path.startsWith("/") ? path : "/" + path;
    }

    private static String slice(String parent) {
        var name = lastName(parent);
        if (!SLICE_NAME.matcher(name).matches()) {
            throw Failure.invalid("cgroup parent \"" + printable(parent) + "\" is not a slice, as in "
                    + "kubepods-burstable-pod12.slice, which the systemd cgroup driver needs");
        }
        var directory = sliceDirectory(name);
        if (!absolute(parent).equals("/" + name) && !absolute(parent).equals(directory)) {
            throw Failure.invalid("cgroup parent \"" + printable(parent) + "\" is not where systemd has " + name
                    + ", which is " + directory);
        }
        return directory;
    }

    /** {@code a-b.slice} lies in {@code a.slice} (systemd.slice(5)). */
    private static String sliceDirectory(String slice) {
        var directory = new StringBuilder();
        var name = slice.substring(0, slice.length() - SLICE.length());
        for (var dash = name.indexOf('-'); dash > 0; dash = name.indexOf('-', dash + 1)) {
            directory.append('/').append(name, 0, dash).append(SLICE);
        }
        return directory.append('/').append(slice).toString();
    }

    /**
     * The container's group, always below its pod's.
     *
     * @param prefix before the container's id, with a dash between; tools tell from it whose container it is. Empty: as is usual here
     * @throws Failure WRONG_STATE if the pod's group is none of systemd's, who is to make the container's
     */
    public static ContainerGroup container(CgroupDriver driver, String prefix, String pod, String containerId) {
        return switch (driver) {
            case CGROUPFS -> {
                var directory = pod + "/" + checkedName(prefix.isEmpty() ? containerId : prefix + "-" + containerId);
                yield new ContainerGroup(directory, directory, Map.of());
            }
            case SYSTEMD -> {
                var whose = prefix.isEmpty() ? CONTAINER : prefix;
                var scope = checkedName(whose + "-" + containerId) + SCOPE;
                yield new ContainerGroup(
                        requireSlice(pod) + ":" + whose + ":" + containerId, pod + "/" + scope, NO_SUBGROUP);
            }
        };
    }

    private static String requireSlice(String pod) {
        if (!pod.endsWith(SLICE)) {
            throw Failure.wrongState("the pod's cgroup " + pod
                    + " was made with the cgroupfs driver, and systemd can put no container there");
        }
        return lastName(pod);
    }

    /** The group of a pod's own process, beside those of its containers: with version 2 only leaves have processes. */
    public static String init(CgroupDriver driver, String pod, String podId) {
        var name = pod + "/" + INIT + checkedName(podId);
        return driver == CgroupDriver.SYSTEMD ? name + SCOPE : name;
    }

    /** The scope of a container's monitor. */
    public static String monitorScope(String containerId) {
        return MONITOR + checkedName(containerId) + SCOPE;
    }

    /** Whether the group is one that systemd makes, by its last name. */
    public static boolean isUnit(String group) {
        return group.endsWith(SLICE) || group.endsWith(SCOPE);
    }

    /** The unit's name, if the group is one. */
    public static String lastName(String group) {
        return group.substring(group.lastIndexOf('/') + 1);
    }

    private static String checked(String path) {
        if (path.length() < 2) {
            throw Failure.invalid("cgroup path \"" + path + "\" is the root");
        }
        for (var name : path.substring(1).split("/", -1)) {
            checkedName(name);
        }
        return path;
    }

    private static String checkedName(String name) {
        if (!NAME.matcher(name).matches() || name.equals("..") || name.equals(".")) {
            throw Failure.invalid("malformed name \"" + printable(name) + "\" of a cgroup");
        }
        return name;
    }

    private static String printable(String text) {
        return text.replaceAll("\\p{Cntrl}", "?");
    }
}
