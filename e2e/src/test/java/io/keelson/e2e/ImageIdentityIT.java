package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.proto.ImageSpec;
import io.keelson.proto.ImageStatusRequest;
import io.keelson.proto.ListContainersRequest;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** By its id kubelet knows which images are in use; another id for the same image, and it removes that. */
@Tag("trap-1")
class ImageIdentityIT {
    @Test
    void anImageHasOneIdWhereverItIsNamed() throws Exception {
        var pulled = Requests.pull(LifeScene.cri(), LifeScene.BUSYBOX);
        try (var scene = LifeScene.by("")) {
            var container = scene.create(LifeScene.idle("of-it"));

            var image = LifeScene.cri()
                    .images(Requests.DEADLINE)
                    .imageStatus(ImageStatusRequest.newBuilder()
                            .setImage(ImageSpec.newBuilder().setImage(LifeScene.BUSYBOX))
                            .build())
                    .getImage();
            var status = LifeScene.status(container);
            var listed = LifeScene.cri()
                    .runtime(Requests.DEADLINE)
                    .listContainers(ListContainersRequest.getDefaultInstance())
                    .getContainers(0);

            assertThat(pulled).startsWith("sha256:");
            assertThat(image.getId()).isEqualTo(pulled);
            assertThat(image.getSize()).isPositive();
            assertThat(status.getImageId()).isEqualTo(pulled);
            assertThat(listed.getImageId()).isEqualTo(pulled);
            assertThat(image.getRepoDigestsList())
                    .contains(status.getImageRef())
                    .contains(listed.getImageRef());
        }
    }
}
