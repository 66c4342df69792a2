package io.keelson.pod.stats;

import io.keelson.oci.cgroup.GroupCounter;
import io.keelson.oci.cgroup.OpenGroup;
import io.keelson.pod.stats.Moments.Moment;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * The counters of one pod or container, and what they were a moment ago. For any number of threads: those that come while one reads
 * wait for it, which is as long as the kernel needs for a few small files.
 */
final class Meter implements AutoCloseable {
    private final OpenGroup group;
    private final Moments moments;
    private final CpuRate rate = new CpuRate();
    private Optional<Reading> last = Optional.empty();

    Meter(OpenGroup group, Moments moments) {
        this.group = group;
        this.moments = moments;
    }

    /** As it is now. */
    synchronized Reading read() {
        var moment = moments.now();
        var look = group.look();
        var usage = look.usage();
        var reading = new Reading(moment, look, usage, rate(moment, usage.cpuNanos()));
        // A group that is not there may be at once.
        last = usage.isEmpty() ? Optional.empty() : Optional.of(reading);
        return reading;
    }

    /** The last reading if it is {@linkplain Moments#RECENT recent}, else a new one. */
    synchronized Reading recent() {
        return last.isPresent() && moments.isRecent(last.get().moment()) ? last.get() : read();
    }

    /** The next one reads anew: something has happened that it is to find in the answer. */
    synchronized void forget() {
        last = Optional.empty();
    }

    /** In the group and in those below it, now. */
    long processCount() {
        return group.processCount();
    }

    /** For the next caller: there is to be a window then. Gives back what nobody will be told any more. */
    synchronized void sample() {
        if (last.isPresent() && !moments.isRecent(last.get().moment())) {
            forget();
        }
        var moment = moments.now();
        rate(moment, group.look().find(GroupCounter.CPU));
    }

    private OptionalLong rate(Moment moment, OptionalLong cpuNanos) {
        return cpuNanos.isEmpty() ? cpuNanos : rate.measure(moment.nanos(), cpuNanos.getAsLong());
    }

    @Override
    public void close() {
        group.close();
    }
}
