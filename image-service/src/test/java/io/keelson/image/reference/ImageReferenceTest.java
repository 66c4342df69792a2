package io.keelson.image.reference;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.Locale;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ImageReferenceTest {
    private static final String HEX = "9700f9a2".repeat(8);

    @ParameterizedTest
    @CsvSource({
        "busybox, docker.io/library/busybox:latest",
        "busybox:1.36, docker.io/library/busybox:1.36",
        "user/app, docker.io/user/app:latest",
        "index.docker.io/user/app, docker.io/user/app:latest",
        "docker.io/busybox, docker.io/library/busybox:latest",
        "localhost/app, localhost/app:latest",
        "localhost:5000/app, localhost:5000/app:latest",
        "127.0.0.1:5000/a/b/c:t, 127.0.0.1:5000/a/b/c:t",
        "[::1]:5000/app:t, [::1]:5000/app:t",
        "registry.k8s.io/e2e-test-images/busybox:1.29-2, registry.k8s.io/e2e-test-images/busybox:1.29-2",
        "gcr.io/k8s-staging-cri-tools/hostnet-nginx-amd64, gcr.io/k8s-staging-cri-tools/hostnet-nginx-amd64:latest",
        "quay.io/a__b/c-d.e_f--g, quay.io/a__b/c-d.e_f--g:latest",
        "deadbeef, docker.io/library/deadbeef:latest"
    })
    void completesWhatIsLeftOut(String text, String expected) {
        assertThat(ImageReference.parse(text)).hasToString(expected);
    }

    @Test
    void keepsTagAndDigestButIsNamedByTheDigest() {
        var reference = ImageReference.parse("quay.io/a/b:1@sha256:" + HEX);

        assertThat(reference).hasToString("quay.io/a/b:1@sha256:" + HEX);
        assertThat(reference.tagName()).isEmpty();
        assertThat(reference.digest()).map(reference::digestName).hasValue("quay.io/a/b@sha256:" + HEX);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "",
                " ",
                "UPPER/case",
                "a//b",
                "/a",
                "a/",
                "a:",
                "a:-tag",
                "a:b:c",
                "a@",
                "a@sha256:abc",
                "a@md5:00000000000000000000000000000000",
                "quay.io/../etc/passwd",
                "quay.io/a/./b",
                "quay.io/a%2e%2e/b",
                "host name/a",
                "a\u0000b",
                "a\nb",
                "-a",
                "a_-b",
                "https://quay.io/a",
                "quay.io:port/a"
            })
    void refusesWhatIsNone(String text) {
        assertThatThrownBy(() -> ImageReference.parse(text))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void refusesAnIdAndWhatIsTooLong() {
        assertThatThrownBy(() -> ImageReference.parse(HEX)).hasMessageContaining("is an id");
        assertThat(ImageReference.parse("quay.io/" + "a".repeat(247)).name()).hasSize(255);
        assertThatThrownBy(() -> ImageReference.parse("quay.io/" + "a".repeat(248)))
                .hasMessageContaining("longer than 255");
        assertThatThrownBy(() -> ImageReference.parse("a".repeat(100_000))).hasMessageContaining("longer than 512");
    }

    @Test
    void digestIsExactOrRefused() {
        assertThat(Digest.parse("sha256:" + HEX)).hasToString("sha256:" + HEX);
        for (var bad : new String[] {
            "sha256:" + HEX.substring(1),
            "sha256:" + HEX + "0",
            "sha256:" + HEX.toUpperCase(Locale.ROOT),
            "sha256:../../" + HEX.substring(6),
            "sha1:" + HEX,
            HEX,
            "sha512:" + HEX
        }) {
            assertThatThrownBy(() -> Digest.parse(bad)).as(bad).isInstanceOf(Failure.class);
        }
    }
}
