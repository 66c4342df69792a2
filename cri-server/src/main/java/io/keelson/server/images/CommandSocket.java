package io.keelson.server.images;

import io.keelson.host.linux.Descriptors;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Optional;
import java.util.Set;

/**
 * Where the daemon takes commands: {@code images.sock} among its state, which only root may enter. The path goes by a descriptor, since
 * an address of unix(7) has no more than 107 bytes.
 */
final class CommandSocket {
    static final String NAME = "images.sock";

    private static final Set<PosixFilePermission> ROOT_ALONE = PosixFilePermissions.fromString("rw-------");

    private CommandSocket() {}

    /** The caller has the lock of the directory: what is there under the name is of a daemon that has ended. */
    static ServerSocketChannel listen(Path state) throws IOException {
        Files.deleteIfExists(state.resolve(NAME));
        var server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
        try (var directory = Descriptors.open(state, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            server.bind(UnixDomainSocketAddress.of(directory.procPath().resolve(NAME)));
            // Until now nobody else could connect either: that takes the right to write, which the umask gave root
            // alone.
            Files.setPosixFilePermissions(state.resolve(NAME), ROOT_ALONE);
            return server;
        } catch (IOException e) {
            server.close();
            throw e;
        }
    }

    /** Absent if nobody answers. */
    static Optional<SocketChannel> connect(Path state) {
        if (!Files.exists(state.resolve(NAME))) {
            return Optional.empty();
        }
        try (var directory = Descriptors.open(state, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0)) {
            return Optional.of(SocketChannel.open(
                    UnixDomainSocketAddress.of(directory.procPath().resolve(NAME))));
        } catch (IOException e) {
            return Optional.empty();
        }
    }
}
