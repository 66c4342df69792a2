package io.keelson.image;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.util.List;

/** Configurations of images. */
public final class ConfigFuzz {
    private ConfigFuzz() {}

    public static List<byte[]> seeds() {
        return List.of(
                ("{\"os\":\"linux\",\"architecture\":\"amd64\",\"config\":{\"User\":\"1000:0\",\"Env\":[\"A=b\",\"PATH=/bin\"],"
                                + "\"Entrypoint\":[\"/x\"],\"Cmd\":null,\"Volumes\":{\"/v\":{}},\"WorkingDir\":\"/w\","
                                + "\"Labels\":{\"a\":\"b\"},\"StopSignal\":\"SIGRTMIN+3\",\"ExposedPorts\":{\"80/tcp\":{}}},"
                                + "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:" + "0".repeat(64) + "\"]}}")
                        .getBytes(UTF_8),
                "{\"created\":1e88888888888888}".getBytes(UTF_8),
                "{\"rootfs\":{\"type\":\"layers\"},\"history\":[{\"empty_layer\":true}]}".getBytes(UTF_8));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(() -> ConfigFile.parse(input), Failure.Kind.INVALID);
    }
}
