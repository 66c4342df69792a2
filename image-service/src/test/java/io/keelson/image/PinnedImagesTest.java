package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class PinnedImagesTest {
    private static final String DIGEST = "docker.io/library/busybox@sha256:" + "ab".repeat(32);

    private static ImageRecord image() {
        var config =
                ConfigFile.parse("{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}}".getBytes(StandardCharsets.UTF_8));
        return new ImageRecord(
                ImageId.parse("sha256:" + "cd".repeat(32)),
                new TreeSet<>(List.of("docker.io/library/busybox:1.36", "registry.test/tools/box:v1")),
                new TreeSet<>(List.of(DIGEST)),
                List.of(),
                1,
                config,
                Instant.EPOCH,
                1);
    }

    @ParameterizedTest
    @CsvSource({
        "busybox:1.36, true",
        "docker.io/library/busybox:1.36, true",
        "busybox, false",
        "busybox:1.3, false",
        "busybox:1.3*, false",
        "docker.io/library/busybox:1.3*, true",
        "registry.test/*, true",
        "*/tools/*:v1, true",
        "*/tools/*:v2, false",
        "registry-test/*, false"
    })
    void aPatternIsAWholeName(String pattern, boolean isPinned) {
        assertThat(new PinnedImages(List.of("other", pattern)).test(image())).isEqualTo(isPinned);
    }

    @Test
    void aDigestPinsToo() {
        assertThat(new PinnedImages(List.of(DIGEST)).test(image())).isTrue();
        assertThat(PinnedImages.NONE.test(image())).isFalse();
    }

    @Test
    void whatIsNoNameIsRefused() {
        assertThatThrownBy(() -> new PinnedImages(List.of("Not A Name"))).isInstanceOf(Failure.class);
    }
}
