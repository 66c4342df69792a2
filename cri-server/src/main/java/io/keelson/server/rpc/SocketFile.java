package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.PosixFilePermissions;

/** The socket's name in the file system. */
public final class SocketFile {
    private SocketFile() {}

    /**
     * Makes room for a new socket: what a daemon that has ended left is removed.
     *
     * @throws Failure WRONG_STATE if something answers on it, or it is not a socket
     */
    public static void prepare(Path socket) {
        try {
            Files.createDirectories(socket.toAbsolutePath().getParent());
            if (!Files.exists(socket, LinkOption.NOFOLLOW_LINKS)) {
                return;
            }
            if (!Files.readAttributes(socket, BasicFileAttributes.class, LinkOption.NOFOLLOW_LINKS)
                    .isOther()) {
                throw Failure.wrongState("cannot listen on " + socket + ": there is a file that is not a socket");
            }
            if (answers(socket)) {
                throw Failure.wrongState("cannot listen on " + socket + ": a daemon answers on it already");
            }
            Files.delete(socket);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.WRONG_STATE, "cannot listen on " + socket + ": " + e, e);
        }
    }

    /** Lets root and its group connect; until then the umask let nobody but root. */
    public static void open(Path socket) {
        setMode(socket, "rw-rw----");
    }

    /** Lets nobody but root connect, whatever the umask is. */
    public static void keepForRoot(Path socket) {
        setMode(socket, "rw-------");
    }

    private static void setMode(Path socket, String permissions) {
        try {
            Files.setPosixFilePermissions(socket, PosixFilePermissions.fromString(permissions));
        } catch (IOException e) {
            throw new Failure(Failure.Kind.WRONG_STATE, "cannot set the mode of " + socket + ": " + e, e);
        }
    }

    private static boolean answers(Path socket) {
        try (var channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
            return channel.connect(UnixDomainSocketAddress.of(socket));
        } catch (IOException e) {
            return false;
        }
    }
}
