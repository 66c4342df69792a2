package io.keelson.host.linux;

import io.keelson.host.lifecycle.Deadline;
import java.lang.foreign.Arena;
import java.lang.foreign.MemorySegment;
import java.lang.foreign.ValueLayout;
import java.nio.file.Path;
import java.util.Optional;

/**
 * A local socket on which another process hands over one open file: an OCI runtime the master of the terminal that it has made
 * ({@code --console-socket}). Closing it takes its name away.
 */
public final class ConsoleSocket implements AutoCloseable {
    private static final int SOCK_STREAM = 1;
    private static final int SOL_SOCKET = 1;
    private static final int SCM_RIGHTS = 1;
    private static final int MSG_CMSG_CLOEXEC = 0x40000000;
    private static final int BACKLOG = 1;

    // struct msghdr, struct iovec, and struct cmsghdr with one descriptor (recvmsg(2), cmsg(3)), on 64-bit machines.
    private static final int MSGHDR_BYTES = 56;
    private static final int IOVEC_BYTES = 16;
    private static final int CMSG_BYTES = 24;
    private static final int CMSG_DATA = 16;
    /** Runtimes send the terminal's name along. */
    private static final int TEXT_BYTES = 4096;

    private final Fd directory;
    private final String name;
    private final Fd listening;

    private ConsoleSocket(Fd directory, String name, Fd listening) {
        this.directory = directory;
        this.name = name;
        this.listening = listening;
    }

    /** A new one of this name in the directory; other users cannot reach it there. */
    public static ConsoleSocket listen(Path directory, String name) {
        var parent = Descriptors.open(directory, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
        try {
            var socket = LocalSockets.open(SOCK_STREAM);
            try {
                LocalSockets.bind(socket, parent, name);
                SystemCall.LISTEN.call(name, socket.number(), BACKLOG);
                return new ConsoleSocket(parent, name, socket);
            } catch (LinuxException e) {
                socket.close();
                throw e;
            }
        } catch (LinuxException e) {
            parent.close();
            throw e;
        }
    }

    /** What leads other processes to it, however long the directory's own name is: while it is open, and us running. */
    public Path path() {
        return Path.of("/proc/" + ProcessHandle.current().pid() + "/fd/" + directory.number(), name);
    }

    /**
     * The open file, once somebody has handed it over; empty if the deadline came first, or if they hand over none.
     *
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted
     */
    public Optional<Fd> receive(Deadline deadline) {
        if (!Readiness.await(listening, Descriptors.POLLIN, deadline)) {
            return Optional.empty();
        }
        try (var connection =
                Fd.owned((int) SystemCall.ACCEPT4.call(name, listening.number(), 0, 0, Descriptors.O_CLOEXEC))) {
            return Readiness.await(connection, Descriptors.POLLIN, deadline) ? receive(connection) : Optional.empty();
        }
    }

    private Optional<Fd> receive(Fd connection) {
        try (var arena = Arena.ofConfined()) {
            var text = arena.allocate(TEXT_BYTES);
            var piece = arena.allocate(IOVEC_BYTES, 8);
            piece.set(ValueLayout.JAVA_LONG, 0, text.address());
            piece.set(ValueLayout.JAVA_LONG, 8, TEXT_BYTES);
            var control = arena.allocate(CMSG_BYTES, 8);
            var message = arena.allocate(MSGHDR_BYTES, 8);
            message.set(ValueLayout.JAVA_LONG, 16, piece.address());
            message.set(ValueLayout.JAVA_LONG, 24, 1);
            message.set(ValueLayout.JAVA_LONG, 32, control.address());
            message.set(ValueLayout.JAVA_LONG, 40, CMSG_BYTES);
            SystemCall.RECVMSG.call(name, connection.number(), message.address(), MSG_CMSG_CLOEXEC);
            return message.get(ValueLayout.JAVA_LONG, 40) == 0 ? Optional.empty() : descriptor(control);
        }
    }

    private static Optional<Fd> descriptor(MemorySegment control) {
        var isDescriptor = control.get(ValueLayout.JAVA_INT, 8) == SOL_SOCKET
                && control.get(ValueLayout.JAVA_INT, 12) == SCM_RIGHTS;
        return isDescriptor ? Optional.of(Fd.owned(control.get(ValueLayout.JAVA_INT, CMSG_DATA))) : Optional.empty();
    }

    @Override
    public void close() {
        listening.close();
        try (directory;
                var arena = Arena.ofConfined()) {
            SystemCall.UNLINKAT.tryCall(directory.number(), SystemCall.string(arena, name), 0, 0, 0, 0);
        }
    }
}
