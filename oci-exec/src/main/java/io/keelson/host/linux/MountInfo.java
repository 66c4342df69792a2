package io.keelson.host.linux;

import java.nio.file.InvalidPathException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** One line of {@code /proc/self/mountinfo} (proc_pid_mountinfo(5)). */
public record MountInfo(
        int mountId,
        int parentId,
        String device,
        String root,
        Path mountPoint,
        List<String> options,
        List<String> optionalFields,
        String type,
        String source,
        List<String> superOptions) {

    public MountInfo {
        options = List.copyOf(options);
        optionalFields = List.copyOf(optionalFields);
        superOptions = List.copyOf(superOptions);
    }

    /** Whether mounts made in one copy of this mount appear in the others (mount_namespaces(7)). */
    public boolean isShared() {
        return optionalFields.stream().anyMatch(field -> field.startsWith("shared:"));
    }

    /** Whether this mount receives what its master gets. */
    public boolean isSlave() {
        return optionalFields.stream().anyMatch(field -> field.startsWith("master:"));
    }

    /** Lines that say nothing about a mount of ours are left out: malformed ones, and paths that this locale cannot name. */
    static List<MountInfo> parse(String text) {
        var mounts = new ArrayList<MountInfo>();
        for (var line : text.split("\n", -1)) {
            var fields = List.of(line.split(" ", -1));
            var separator = fields.indexOf("-");
            if (separator < 6 || fields.size() < separator + 4) {
                continue;
            }
            try {
                mounts.add(mount(fields, separator));
            } catch (InvalidPathException e) {
                // Our own paths are ASCII.
            }
        }
        return mounts;
    }

    private static MountInfo mount(List<String> fields, int separator) {
        return new MountInfo(
                Integer.parseInt(fields.get(0)),
                Integer.parseInt(fields.get(1)),
                fields.get(2),
                unescape(fields.get(3)),
                Path.of(unescape(fields.get(4))),
                List.of(fields.get(5).split(",")),
                fields.subList(6, separator),
                fields.get(separator + 1),
                unescape(fields.get(separator + 2)),
                List.of(fields.get(separator + 3).split(",")));
    }

    /** Space, tab, newline and backslash are written as three octal digits. */
    private static String unescape(String field) {
        if (field.indexOf('\\') < 0) {
            return field;
        }
        var text = new StringBuilder(field.length());
        for (var i = 0; i < field.length(); i++) {
            if (field.charAt(i) == '\\' && i + 3 < field.length()) {
                text.append((char) Integer.parseInt(field.substring(i + 1, i + 4), 8));
                i += 3;
            } else {
                text.append(field.charAt(i));
            }
        }
        return text.toString();
    }
}
