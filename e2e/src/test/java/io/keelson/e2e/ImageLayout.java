package io.keelson.e2e;

/** What an empty image store may have that a new one has not. */
final class ImageLayout {
    private ImageLayout() {}

    /** Whether a file, relative to the node's directory, is the layout's own, or a directory of it. */
    static boolean isPartOf(String file) {
        var name = file.substring(file.lastIndexOf('/') + 1);
        return switch (name) {
            case "oci-layout",
                    "index.json",
                    "images",
                    "blobs",
                    "sha256",
                    "sha512",
                    "layers",
                    "containers",
                    "pods",
                    "exits" -> true;
            default -> false;
        };
    }
}
