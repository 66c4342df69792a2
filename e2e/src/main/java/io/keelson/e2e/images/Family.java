package io.keelson.e2e.images;

/** The two families of media types that registries serve. */
public enum Family {
    /** OCI image specification 1.1. */
    OCI(
            "application/vnd.oci.image.index.v1+json",
            "application/vnd.oci.image.manifest.v1+json",
            "application/vnd.oci.image.config.v1+json",
            "application/vnd.oci.image.layer.v1.tar"),
    /** Docker image manifest version 2, schema 2. */
    DOCKER(
            "application/vnd.docker.distribution.manifest.list.v2+json",
            "application/vnd.docker.distribution.manifest.v2+json",
            "application/vnd.docker.container.image.v1+json",
            "application/vnd.docker.image.rootfs.diff.tar");

    private final String list;
    private final String manifest;
    private final String config;
    private final String layer;

    Family(String list, String manifest, String config, String layer) {
        this.list = list;
        this.manifest = manifest;
        this.config = config;
        this.layer = layer;
    }

    String list() {
        return list;
    }

    String manifest() {
        return manifest;
    }

    String config() {
        return config;
    }

    /** Docker writes {@code .gzip}, OCI {@code +gzip}; Docker has no word of its own for a layer without compression. */
    String layer(Compression compression) {
        var separator = this == OCI ? "+" : ".";
        return switch (compression) {
            case NONE -> layer;
            case GZIP -> layer + separator + "gzip";
            case ZSTD -> layer + separator + "zstd";
        };
    }
}
