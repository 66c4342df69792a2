package io.keelson.image.compression;

import io.keelson.host.failure.Failure;

/** How a layer's tar is packed in its blob. */
public enum Compression {
    NONE,
    GZIP,
    ZSTD;

    /**
     * What a layer's media type says (OCI image spec, layer; Docker image manifest v2).
     *
     * @throws Failure INVALID for a type that is no layer, or is packed in a way that is not read
     */
    public static Compression ofMediaType(String mediaType) {
        return switch (mediaType) {
            case "application/vnd.oci.image.layer.v1.tar",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar",
                    "application/vnd.docker.image.rootfs.diff.tar" -> NONE;
            case "application/vnd.oci.image.layer.v1.tar+gzip",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+gzip",
                    "application/vnd.docker.image.rootfs.diff.tar.gzip",
                    "application/vnd.docker.image.rootfs.foreign.diff.tar.gzip" -> GZIP;
            case "application/vnd.oci.image.layer.v1.tar+zstd",
                    "application/vnd.oci.image.layer.nondistributable.v1.tar+zstd",
                    "application/vnd.docker.image.rootfs.diff.tar.zstd" -> ZSTD;
            default -> throw Failure.invalid("layer media type \"" + mediaType + "\" is not supported");
        };
    }
}
