package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.ImageConfig;
import io.keelson.image.ImageId;
import io.keelson.image.ImageRecord;
import io.keelson.image.blob.Platform;
import io.keelson.proto.AuthConfig;
import io.keelson.proto.Image;
import io.keelson.proto.ImageSpec;
import io.keelson.proto.PullImageRequest;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImagesTest {
    private static final String ID = "sha256:" + "a".repeat(64);

    @Test
    void showsAnImageAsKubeletNeedsIt() {
        var image = shown("");

        assertThat(image.getId()).isEqualTo(ID);
        assertThat(image.getRepoTagsList()).containsExactly("docker.io/library/busybox:1");
        assertThat(image.getSize()).isEqualTo(4096);
    }

    @Test
    @Tag("T15")
    void showsANumericUserAsNumberAndAnyOtherAsName() {
        assertThat(shown("1002").getUid().getValue()).isEqualTo(1002);
        assertThat(shown("1003:1004").getUid().getValue()).isEqualTo(1003);
        assertThat(shown("0").hasUid()).isTrue();
        assertThat(shown("www-data:1004").getUsername()).isEqualTo("www-data");
        assertThat(shown("www-data").hasUid()).isFalse();
        assertThat(shown("").hasUid()).isFalse();
        assertThat(shown("99999999999999999999").getUsername()).isEqualTo("99999999999999999999");
    }

    /** What no container is ever made of is no number for kubelet, and so nobody whom it would let run as non-root. */
    @ParameterizedTest
    @Tag("T14")
    @Tag("T15")
    @ValueSource(
            strings = {
                "4294967296",
                "4294967296:0",
                "2147483648",
                "99999999999999999999",
                "+0",
                "-0",
                "00",
                "000",
                "01000",
                "\u0660",
                "\uFF10",
                "0x0",
                " 0",
                "1000:0x0",
                "1000:00"
            })
    void showsNoNumberOfAUserThatNoContainerRunsAs(String user) {
        assertThat(shown(user).hasUid()).isFalse();
        assertThat(shown(user).getUsername()).isEqualTo(user);
    }

    @Test
    void refusesToPullNothing() {
        assertThatThrownBy(() -> pull(PullImageRequest.getDefaultInstance()))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void refusesToPullForAHandlerThatDoesNotExist() {
        var request = PullImageRequest.newBuilder()
                .setImage(ImageSpec.newBuilder().setImage("busybox").setRuntimeHandler("kata"))
                .build();

        assertThatThrownBy(() -> pull(request)).hasMessageContaining("there is no runtime handler \"kata\"");
    }

    @Test
    void takesAnEmptyAuthAsNone() {
        var request =
                PullImageRequest.newBuilder().setImage(ImageSpec.newBuilder().setImage("busybox"));

        assertThat(pull(request.build()).credentials()).isEmpty();
        assertThat(pull(request.setAuth(AuthConfig.getDefaultInstance()).build())
                        .credentials())
                .isEmpty();
        assertThat(pull(request.setAuth(AuthConfig.newBuilder().setUsername("u").setPassword("p"))
                                .build())
                        .credentials())
                .hasValueSatisfying(
                        credentials -> assertThat(credentials.username()).isEqualTo("u"));
    }

    private static io.keelson.image.PullRequest pull(PullImageRequest request) {
        return Images.pull(request, name -> name, Set.of("crun"));
    }

    private static Image shown(String user) {
        var config = new ImageConfig(
                Platform.of("linux", "amd64", "", List.of()),
                List.of(),
                List.of(),
                List.of(),
                "",
                user,
                Set.of(),
                Map.of(),
                "",
                Set.of(),
                List.of());
        return Images.image(
                new ImageRecord(
                        ImageId.parse(ID),
                        new TreeSet<>(Set.of("docker.io/library/busybox:1")),
                        new TreeSet<>(),
                        List.of(),
                        4096,
                        config,
                        Instant.EPOCH,
                        1),
                _ -> false);
    }
}
