package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class LinuxExceptionTest {
    @Test
    void saysWhatFailedOnWhatAndWhy() {
        assertThat(new LinuxException("umount2", Errno.EBUSY, "/x"))
                .hasMessage("umount2 /x: EBUSY (Device or resource busy)");
    }

    @Test
    void aCallThatFailsHasItsErrno() {
        assertThatThrownBy(() -> Descriptors.open(Path.of("/no/such/file"), Descriptors.O_RDONLY, 0))
                .isInstanceOfSatisfying(LinuxException.class, e -> {
                    assertThat(e.is(Errno.ENOENT)).isTrue();
                    assertThat(e.errnoName()).isEqualTo("ENOENT");
                    assertThat(e.call()).isEqualTo("openat");
                })
                .hasMessage("openat /no/such/file: ENOENT (No such file or directory)");
    }

    @Test
    void anUnknownNumberIsShownAsOne() {
        assertThat(Errno.name(4000)).contains("4000");
    }
}
