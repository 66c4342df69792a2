package io.keelson.pod.container;

import java.util.Map;

/** An image as a container or a mount names it (CRI v1, ImageSpec); what is not given is empty. */
public record ImageSpec(
        String image,
        Map<String, String> annotations,
        String userSpecifiedImage,
        String runtimeHandler,
        String imageRef) {
    public ImageSpec {
        annotations = Map.copyOf(annotations);
    }

    ImageSpec withImageRef(String known) {
        return new ImageSpec(image, annotations, userSpecifiedImage, runtimeHandler, known);
    }

    public static ImageSpec of(String image) {
        return new ImageSpec(image, Map.of(), "", "", "");
    }
}
