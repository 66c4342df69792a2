package io.keelson.host.linux;

import java.lang.foreign.Arena;
import java.nio.charset.StandardCharsets;

/**
 * Calls that move the calling thread to other namespaces (namespaces(7)). They are made on a {@link PlatformThread} that
 * ends afterwards: a thread that has moved must serve nothing else.
 */
public final class Namespaces {
    public static final int CLONE_NEWNS = 0x00020000;
    public static final int CLONE_NEWCGROUP = 0x02000000;
    public static final int CLONE_NEWUTS = 0x04000000;
    public static final int CLONE_NEWIPC = 0x08000000;
    public static final int CLONE_NEWUSER = 0x10000000;
    public static final int CLONE_NEWPID = 0x20000000;
    public static final int CLONE_NEWNET = 0x40000000;
    public static final int CLONE_FS = 0x00000200;
    static final int CLONE_FILES = 0x00000400;

    private Namespaces() {}

    /** unshare(2). CLONE_NEWNS needs CLONE_FS, which the threads of a JVM share. */
    public static void unshare(int flags) {
        SystemCall.UNSHARE.call("0x" + Integer.toHexString(flags), flags);
    }

    /** setns(2). */
    public static void setns(Fd namespace, int type) {
        SystemCall.SETNS.call(namespace, namespace.number(), type);
    }

    /** sethostname(2) in the thread's UTS namespace; at most 64 bytes. */
    public static void sethostname(String name) {
        try (var arena = Arena.ofConfined()) {
            SystemCall.SETHOSTNAME.call(
                    name, SystemCall.string(arena, name), name.getBytes(StandardCharsets.UTF_8).length);
        }
    }
}
