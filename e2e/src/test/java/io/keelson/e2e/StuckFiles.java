package io.keelson.e2e;

import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * A file system that never answers, as NFS does when its server is away: FUSE whose server reads no request (Linux,
 * Documentation/filesystems/fuse). Who asks for something below it hangs until this is closed.
 */
final class StuckFiles implements AutoCloseable {
    private static final String PROGRAM = """
            import ctypes, os, sys
            fuse = os.open('/dev/fuse', os.O_RDWR)
            options = 'fd=%d,rootmode=40000,user_id=0,group_id=0,allow_other' % fuse
            libc = ctypes.CDLL(None, use_errno=True)
            if libc.mount(b'stuck', sys.argv[1].encode(), b'fuse', 0, options.encode()) != 0:
                sys.exit(os.strerror(ctypes.get_errno()))
            print('mounted', flush=True)
            sys.stdin.readline()
            """;

    private final Path parent;
    private final Path directory;
    private final Process server;

    private StuckFiles(Path parent, Path directory, Process server) {
        this.parent = parent;
        this.directory = directory;
        this.server = server;
    }

    static StuckFiles mount(Path parent, String name) throws IOException {
        var directory = Files.createDirectories(parent.resolve(name));
        var server = new ProcessBuilder("python3", "-c", PROGRAM, directory.toString())
                .redirectError(ProcessBuilder.Redirect.INHERIT)
                .start();
        if (!"mounted".equals(server.inputReader(StandardCharsets.UTF_8).readLine())) {
            throw new IOException("cannot mount FUSE on " + directory);
        }
        return new StuckFiles(parent, directory, server);
    }

    Path directory() {
        return directory;
    }

    /** Whoever waits gets ENOTCONN. */
    @Override
    public void close() throws IOException {
        server.destroyForcibly().onExit().join();
        try {
            Program.run(parent, List.of("umount", "--lazy", directory.toString()));
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }
}
