package io.keelson.image.rootfs;

import java.util.List;

/**
 * Who a process is, in numbers.
 *
 * @param supplementary further groups, without duplicates; the primary one is among them
 * @param name empty if the image's passwd has no such uid
 * @param home "/" if the image's passwd does not say
 */
public record ResolvedUser(long uid, long gid, List<Long> supplementary, String name, String home) {
    public ResolvedUser {
        supplementary = List.copyOf(supplementary);
    }
}
