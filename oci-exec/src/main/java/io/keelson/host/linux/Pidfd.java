package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;

/** A process that cannot be mistaken for a later one with the same number (pidfd_open(2)). */
public final class Pidfd implements AutoCloseable {
    public static final int SIGHUP = 1;
    public static final int SIGINT = 2;
    public static final int SIGKILL = 9;
    public static final int SIGTERM = 15;
    public static final int SIGCHLD = 17;

    private final Fd fd;
    private final long pid;

    private Pidfd(Fd fd, long pid) {
        this.fd = fd;
        this.pid = pid;
    }

    /** @throws LinuxException ESRCH if there is no such process */
    public static Pidfd open(long pid) {
        return new Pidfd(Fd.owned((int) SystemCall.PIDFD_OPEN.call(pid, pid, 0)), pid);
    }

    public Fd fd() {
        return fd;
    }

    /** pidfd_send_signal(2); false if the process has ended. */
    public boolean sendSignal(int signal) {
        var result = SystemCall.PIDFD_SEND_SIGNAL.tryCall(fd.number(), signal, 0, 0, 0, 0);
        if (result < 0 && result != -Errno.ESRCH) {
            throw SystemCall.PIDFD_SEND_SIGNAL.failed((int) -result, "process " + pid);
        }
        return result == 0;
    }

    /**
     * Waits until the process has ended; false if the deadline came first. A virtual thread does not hold its carrier.
     *
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted, with the flag restored
     */
    public boolean awaitExit(Deadline deadline) {
        return Readiness.await(fd, Descriptors.POLLIN, deadline);
    }

    /** kill(2) of a process group that the caller leads or made; false if it is gone. */
    public static boolean signalGroup(long group, int signal) {
        if (group <= 1) {
            throw new IllegalArgumentException("no process group of ours: " + group);
        }
        var result = SystemCall.KILL.tryCall(-group, signal, 0, 0, 0, 0);
        if (result < 0 && result != -Errno.ESRCH) {
            throw SystemCall.KILL.failed((int) -result, "process group " + group);
        }
        return result == 0;
    }

    @Override
    public void close() {
        fd.close();
    }
}
