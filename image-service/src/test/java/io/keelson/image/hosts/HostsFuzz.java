package io.keelson.image.hosts;

import static java.nio.charset.StandardCharsets.UTF_8;

import io.keelson.host.failure.Failure;
import io.keelson.image.fuzz.Refusal;
import java.nio.file.Path;
import java.util.List;

/** hosts.toml. */
public final class HostsFuzz {
    private static final Path DIRECTORY = Path.of("/nonexistent/certs.d/example.com");

    private HostsFuzz() {}

    public static List<byte[]> seeds() {
        return List.of("""
                server = "https://registry.example"
                capabilities = ["pull", "resolve"]
                ca = "ca.pem"
                skip_verify = true
                dial_timeout = "3s"
                [header]
                x-custom = ["a", "b"]
                [host."https://mirror.example:5000/v2/x"]
                capabilities = ["pull", "push"]
                client = [["c.pem", "k.pem"]]
                override_path = true
                [host."http://127.0.0.1:5001"]
                """.getBytes(UTF_8));
    }

    public static void fuzzerTestOneInput(byte[] input) {
        Refusal.orSuccess(() -> HostsFile.parse(input, DIRECTORY), Failure.Kind.INVALID);
    }
}
