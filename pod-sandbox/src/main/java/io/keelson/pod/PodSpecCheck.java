package io.keelson.pod;

import io.keelson.host.failure.Failure;
import io.keelson.pod.files.PodFiles;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.Sysctls;
import io.keelson.pod.namespace.UserNamespaceCheck;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.regex.Pattern;

/**
 * Refuses pods that could never run, or whose words would lead out of where they belong: names become parts of paths, lines of
 * files and arguments of plugins (CVE-2025-0750).
 */
final class PodSpecCheck {
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9._-]{0,252}");
    private static final Pattern HOSTNAME = Pattern.compile("[A-Za-z0-9._-]{0,64}");
    private static final int MAX_PATH_BYTES = 3072;
    private static final Pattern CGROUP_SEGMENT = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.:@-]{0,250}");

    private PodSpecCheck() {}

    static void check(PodSpec spec) {
        MetadataSize.check(spec.labels(), spec.annotations());
        require(NAME, "pod's name", spec.metadata().name());
        require(NAME, "pod's namespace", spec.metadata().namespace());
        require(NAME, "pod's uid", spec.metadata().uid());
        require(HOSTNAME, "pod's hostname", spec.hostname());
        spec.dns().ifPresent(PodFiles::check);
        checkLogDirectory(spec.logDirectory());
        checkCgroupParent(spec.cgroupParent());
        checkSecurity(spec.security());
        var namespaces = spec.security().namespaces();
        Sysctls.check(
                spec.sysctls(), namespaces.network() != NamespaceMode.NODE, namespaces.ipc() != NamespaceMode.NODE);
    }

    private static void require(Pattern form, String what, String text) {
        if (!form.matcher(text).matches()) {
            throw Failure.invalid("the " + what + " \"" + printable(text) + "\" is not of the form " + form);
        }
    }

    private static void checkLogDirectory(String directory) {
        if (directory.isEmpty()) {
            return;
        }
        if (directory.getBytes(StandardCharsets.UTF_8).length > MAX_PATH_BYTES
                || directory.chars().anyMatch(Character::isISOControl)
                || !directory.startsWith("/")
                || !Path.of(directory).normalize().equals(Path.of(directory))) {
            throw Failure.invalid("the log directory \"" + printable(directory)
                    + "\" is not an absolute path without \"..\" of at most " + MAX_PATH_BYTES + " bytes");
        }
    }

    private static void checkCgroupParent(String parent) {
        if (parent.isEmpty()) {
            return;
        }
        var segments = (parent.startsWith("/") ? parent.substring(1) : parent).split("/", -1);
        for (var segment : segments) {
            if (!CGROUP_SEGMENT.matcher(segment).matches()) {
                throw Failure.invalid("the cgroup parent \"" + printable(parent) + "\" is not the path of a cgroup");
            }
        }
    }

    private static void checkSecurity(PodSecurity security) {
        if (security.runAsGroup().isPresent() && security.runAsUser().isEmpty()) {
            throw Failure.invalid("the pod has run_as_group without run_as_user");
        }
        var namespaces = security.namespaces();
        UserNamespaceCheck.check(namespaces);
        requirePodOrNode("network", namespaces.network());
        requirePodOrNode("IPC", namespaces.ipc());
        if (namespaces.pid() == NamespaceMode.TARGET) {
            throw Failure.invalid("a pod's PID namespace cannot be that of a container (mode TARGET)");
        }
    }

    private static void requirePodOrNode(String what, NamespaceMode mode) {
        if (mode != NamespaceMode.POD && mode != NamespaceMode.NODE) {
            throw Failure.invalid("a pod's " + what + " namespace cannot have mode " + mode);
        }
    }

    private static String printable(String text) {
        var cut = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
