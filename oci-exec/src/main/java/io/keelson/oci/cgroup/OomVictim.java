package io.keelson.oci.cgroup;

import java.util.Optional;
import java.util.regex.Pattern;

/**
 * A process that the kernel killed for want of memory, by what it says of that in its log.
 *
 * @param name of the program, at most 15 bytes of it; the program's own choice
 */
public record OomVictim(long pid, String name, long uid) {
    private static final Pattern LINE =
            Pattern.compile("oom-kill:.*?task_memcg=(/[^,]*),task=(.*),pid=([0-9]{1,18}),uid=([0-9]{1,18})$");

    /** The last one of the group, or of one below it; the kernel names groups from a root that may be above ours. */
    static Optional<OomVictim> last(String log, String group) {
        var path = group.startsWith("/") ? group : "/" + group;
        return log.lines()
                .filter(line -> line.contains("oom-kill:"))
                .map(LINE::matcher)
                .filter(line -> line.find() && (line.group(1) + "/").contains(path + "/"))
                .map(line -> new OomVictim(
                        Long.parseLong(line.group(3)),
                        line.group(2).replaceAll("\\p{Cntrl}", "?"),
                        Long.parseLong(line.group(4))))
                .reduce((_, later) -> later);
    }
}
