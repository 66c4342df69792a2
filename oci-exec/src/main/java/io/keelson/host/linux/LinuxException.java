package io.keelson.host.linux;

/** A system call that failed: {@code umount2 /x: EBUSY (Device or resource busy)}. */
public final class LinuxException extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final String call;
    private final int errno;

    public LinuxException(String call, int errno, String detail) {
        super(call + " " + detail + ": " + Errno.name(errno) + " (" + Errno.description(errno) + ")");
        this.call = call;
        this.errno = errno;
    }

    /** The call's C name. */
    public String call() {
        return call;
    }

    public int errno() {
        return errno;
    }

    public String errnoName() {
        return Errno.name(errno);
    }

    public boolean is(int wanted) {
        return errno == wanted;
    }
}
