package io.keelson.e2e;

import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.Program;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;

/**
 * The time of day as one daemon sees it, which can be moved while it runs. The machine's clock stays, and with it the times of
 * files and those that monitors write; a time namespace has no such clock of its own (time_namespaces(7)).
 */
final class MovableClock {
    private static final String OFFSET_FILE = "KEELSON_TEST_CLOCK";

    /** What the loader puts before the C library's own functions (ld.so(8), LD_PRELOAD). */
    private static final String SOURCE = """
            #include <fcntl.h>
            #include <stdlib.h>
            #include <sys/mman.h>
            #include <sys/syscall.h>
            #include <sys/time.h>
            #include <time.h>
            #include <unistd.h>

            static volatile long *ahead;

            __attribute__((constructor)) static void find(void) {
                const char *file = getenv("%s");
                int fd = file ? open(file, O_RDONLY | O_CLOEXEC) : -1;
                if (fd < 0) return;
                void *page = mmap(0, sizeof(long), PROT_READ, MAP_SHARED, fd, 0);
                if (page != MAP_FAILED) ahead = page;
                close(fd);
            }

            int clock_gettime(clockid_t clock, struct timespec *now) {
                long result = syscall(SYS_clock_gettime, clock, now);
                if (!result && ahead && (clock == CLOCK_REALTIME || clock == CLOCK_REALTIME_COARSE))
                    now->tv_sec += *ahead;
                return (int) result;
            }

            int gettimeofday(struct timeval *restrict now, void *restrict zone) {
                struct timespec time;
                (void) zone;
                if (clock_gettime(CLOCK_REALTIME, &time)) return -1;
                now->tv_sec = time.tv_sec;
                now->tv_usec = time.tv_nsec / 1000;
                return 0;
            }

            time_t time(time_t *into) {
                struct timespec now;
                clock_gettime(CLOCK_REALTIME, &now);
                if (into) *into = now.tv_sec;
                return now.tv_sec;
            }
            """.formatted(OFFSET_FILE);

    private final Path offset;
    private final Path library;

    private MovableClock(Path offset, Path library) {
        this.offset = offset;
        this.library = library;
    }

    static MovableClock in(Path directory) throws IOException, InterruptedException {
        var source = Files.writeString(directory.resolve("clock.c"), SOURCE);
        var library = directory.resolve("clock.so");
        Program.run(directory, List.of("gcc", "-shared", "-fPIC", "-O1", "-o", library.toString(), source.toString()))
                .expectSuccess();
        var clock = new MovableClock(directory.resolve("clock"), library);
        clock.set(Duration.ZERO);
        return clock;
    }

    /** How far it is ahead of the machine's, from now on. */
    void set(Duration ahead) throws IOException {
        var seconds = ByteBuffer.allocate(Long.BYTES)
                .order(ByteOrder.nativeOrder())
                .putLong(ahead.toSeconds())
                .flip();
        try (var file = FileChannel.open(offset, StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
            file.write(seconds, 0);
        }
    }

    /** The daemon with this clock. */
    CriDaemon of(CriDaemon daemon) {
        return daemon.behind(List.of("env", "LD_PRELOAD=" + library, OFFSET_FILE + "=" + offset));
    }
}
