package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class MountInfoTest {
    @Test
    void aLineIsReadIntoItsFields() {
        var mounts = MountInfo.parse(
                "36 35 98:0 /mnt1 /mnt2 rw,noatime shared:1 master:2 - ext3 /dev/root rw,errors=continue\n");

        assertThat(mounts).singleElement().satisfies(mount -> {
            assertThat(mount.mountId()).isEqualTo(36);
            assertThat(mount.parentId()).isEqualTo(35);
            assertThat(mount.root()).isEqualTo("/mnt1");
            assertThat(mount.mountPoint()).isEqualTo(Path.of("/mnt2"));
            assertThat(mount.options()).containsExactly("rw", "noatime");
            assertThat(mount.isShared()).isTrue();
            assertThat(mount.isSlave()).isTrue();
            assertThat(mount.type()).isEqualTo("ext3");
            assertThat(mount.source()).isEqualTo("/dev/root");
            assertThat(mount.superOptions()).containsExactly("rw", "errors=continue");
        });
    }

    @Test
    void escapedCharactersAreRestored() {
        var mounts = MountInfo.parse("36 35 98:0 / /with\\040space\\011tab\\134slash rw - tmpfs a\\040b rw");

        assertThat(mounts.getFirst().mountPoint()).isEqualTo(Path.of("/with space\ttab\\slash"));
        assertThat(mounts.getFirst().source()).isEqualTo("a b");
        assertThat(mounts.getFirst().isShared()).isFalse();
    }

    @Test
    void aCarriageReturnInANameDoesNotBeginAnotherMount() {
        var mounts = MountInfo.parse("36 35 98:0 / /a\rb rw - tmpfs none rw\n\n");

        assertThat(mounts)
                .singleElement()
                .satisfies(mount -> assertThat(mount.mountPoint()).isEqualTo(Path.of("/a\rb")));
    }

    @Test
    void theMountsOfThisProcessAreRead() {
        assertThat(Mounts.mountInfo())
                .anySatisfy(mount -> assertThat(mount.mountPoint()).isEqualTo(Path.of("/proc")));
    }
}
