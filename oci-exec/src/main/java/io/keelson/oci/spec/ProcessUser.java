package io.keelson.oci.spec;

import java.util.List;

/** Who a process is, in numbers of 0 to 2³²-2. */
public record ProcessUser(long uid, long gid, List<Long> additionalGids) {
    private static final long MAX_ID = 0xFFFF_FFFEL;

    public ProcessUser {
        additionalGids = List.copyOf(additionalGids);
        check(uid);
        check(gid);
        additionalGids.forEach(ProcessUser::check);
    }

    public boolean isRoot() {
        return uid == 0;
    }

    private static void check(long id) {
        if (id < 0 || id > MAX_ID) {
            throw new IllegalArgumentException("not a user or group number: " + id);
        }
    }
}
