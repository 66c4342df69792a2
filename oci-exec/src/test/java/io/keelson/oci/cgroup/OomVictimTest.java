package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.KernelLog;
import org.junit.jupiter.api.Test;

class OomVictimTest {
    private static final String GROUP = "kubepods/pod1/" + "ab".repeat(32);

    private static String line(String group, String task, long pid) {
        return "<6>[49784.006160] oom-kill:constraint=CONSTRAINT_MEMCG,nodemask=(null),cpuset=x,mems_allowed=0,oom_memcg=/kubepods,"
                + "task_memcg=" + group + ",task=" + task + ",pid=" + pid + ",uid=1000\n";
    }

    @Test
    void theLastOneOfTheGroupOrBelowItIsFound() {
        var log = "<4>[1.0] tail invoked oom-killer: gfp_mask=0xcc0, order=0, oom_score_adj=1000\n"
                + line("/" + GROUP, "tail", 10)
                + line("/outer/" + GROUP + "/inner", "a,pid=1,uid=0\u0007", 11)
                + line("/" + GROUP + "c", "other", 12)
                + "<4>[2.0] " + GROUP + ",task=forged,pid=13,uid=0\n";

        assertThat(OomVictim.last(log, GROUP)).contains(new OomVictim(11, "a,pid=1,uid=0?", 1000));
        assertThat(OomVictim.last(log, "/" + GROUP)).contains(new OomVictim(11, "a,pid=1,uid=0?", 1000));
        assertThat(OomVictim.last(log, "kubepods/pod2")).isEmpty();
        assertThat(OomVictim.last("", GROUP)).isEmpty();
    }

    @Test
    void theKernelsLogIsReadToItsEnd() {
        assertThat(KernelLog.end(1 << 16)).hasSizeLessThanOrEqualTo(1 << 16).containsPattern("(?m)^<[0-9]+>\\[");
    }
}
