package io.keelson.host.disk;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.file.FileSystemException;
import java.nio.file.Path;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class HostTroubleTest {
    @ParameterizedTest
    @CsvSource({
        Errno.ENOSPC + ", No space left on device, EXHAUSTED",
        Errno.EMFILE + ", Too many open files, EXHAUSTED",
        Errno.ENFILE + ", Too many open files in system, EXHAUSTED",
        Errno.EAGAIN + ", Resource temporarily unavailable, EXHAUSTED",
        Errno.EROFS + ", Read-only file system, UNAVAILABLE",
        Errno.EIO + ", Input/output error, UNAVAILABLE",
        Errno.EPERM + ", Operation not permitted, INTERNAL"
    })
    void isTheSameKindHoweverItIsTold(int errno, String text, Failure.Kind kind) {
        var linux = new LinuxException("write", errno, "/x");
        var java = new FileSystemException("/x", null, text);

        assertThat(HostTrouble.kind(linux)).isEqualTo(kind);
        assertThat(HostTrouble.kind(java)).isEqualTo(kind);
        assertThat(HostTrouble.kind(new IOException(text))).isEqualTo(kind);
        assertThat(DurableFiles.failed("write", Path.of("/x"), linux).kind()).isEqualTo(kind);
        assertThat(DurableFiles.failed("write", Path.of("/x"), java).kind()).isEqualTo(kind);
    }
}
