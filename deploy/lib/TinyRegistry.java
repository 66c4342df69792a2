import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.zip.GZIPOutputStream;

/**
 * An image of one small layer, behind the few requests that a pull makes. The JDK's own server would not do: asked for TLS, it
 * says nothing, and the client waits.
 */
final class TinyRegistry {
    private static final String OCI = "application/vnd.oci.image.";
    private static final int TLS_HANDSHAKE = 22;
    private final ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    private final Map<String, byte[]> contents = new HashMap<>();

    TinyRegistry() throws IOException {
        var tar = tar();
        var layer = gzip(tar);
        var architecture = System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
        var config = utf8("""
                {"os":"linux","architecture":"%s","config":{"Cmd":["/bin/wait"],"Env":["PATH=/bin"],"WorkingDir":"/d"},"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
                .formatted(architecture, digest(tar)));
        var manifest = utf8("""
                {"schemaVersion":2,"mediaType":"%1$smanifest.v1+json",
                "config":{"mediaType":"%1$sconfig.v1+json","digest":"%2$s","size":%3$d},
                "layers":[{"mediaType":"%1$slayer.v1.tar+gzip","digest":"%4$s","size":%5$d}]}"""
                .formatted(OCI, digest(config), config.length, digest(layer), layer.length));
        contents.put("/v2/train/manifests/1", manifest);
        contents.put("/v2/train/blobs/" + digest(config), config);
        contents.put("/v2/train/blobs/" + digest(layer), layer);
        Thread.ofPlatform().daemon().start(this::serve);
    }

    String image() {
        return "127.0.0.1:" + server.getLocalPort() + "/train:1";
    }

    private void serve() {
        while (true) {
            try {
                var connection = server.accept();
                Thread.ofVirtual().start(() -> answer(connection));
            } catch (IOException e) {
                return;
            }
        }
    }

    private void answer(Socket connection) {
        try (connection) {
            var in = new PushbackInputStream(connection.getInputStream());
            var first = in.read();
            if (first == TLS_HANDSHAKE) {
                return;
            }
            in.unread(first);
            var request = new BufferedReader(new InputStreamReader(in, StandardCharsets.US_ASCII));
            var line = request.readLine().split(" ");
            while (!request.readLine().isEmpty()) {
                // Headers do not matter here.
            }
            var body = contents.get(line[1]);
            var out = connection.getOutputStream();
            if (body == null) {
                out.write(utf8("HTTP/1.1 404 Not Found\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"));
                return;
            }
            var type = line[1].contains("/manifests/") ? OCI + "manifest.v1+json" : "application/octet-stream";
            out.write(utf8("HTTP/1.1 200 OK\r\nContent-Type: %s\r\nContent-Length: %d\r\nDocker-Content-Digest: %s\r\nConnection: close\r\n\r\n"
                    .formatted(type, body.length, digest(body))));
            if (!line[0].equals("HEAD")) {
                out.write(body);
            }
        } catch (IOException e) {
            // The client went away.
        }
    }

    /** What a container needs, and fifty files in a directory, in the oldest form of tar that there is. */
    private static byte[] tar() {
        var out = new ByteArrayOutputStream();
        header(out, "bin/", '5', 0);
        file(out, TinyPrograms.WAIT, TinyPrograms.thatWaits());
        file(out, TinyPrograms.TRUE, TinyPrograms.thatEnds());
        header(out, "etc/", '5', 0);
        file(out, "etc/passwd", utf8("root:x:0:0:root:/root:/bin/sh\ntrain:x:1000:1000::/:/bin/sh\n"));
        file(out, "etc/group", utf8("root:x:0:\ntrain:x:1000:\n"));
        header(out, "d/", '5', 0);
        for (int i = 0; i < 50; i++) {
            file(out, "d/" + i, utf8(("file " + i + "\n").repeat(100 * i)));
        }
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
    }

    private static void file(ByteArrayOutputStream out, String name, byte[] contents) {
        header(out, name, '0', contents.length);
        out.writeBytes(contents);
        out.writeBytes(new byte[(512 - contents.length % 512) % 512]);
    }

    private static void header(ByteArrayOutputStream out, String name, char type, int size) {
        var block = ByteBuffer.allocate(512);
        block.put(0, utf8(name)).put(100, utf8("0000755\0000000000\0000000000\000%011o\00000000000000\000        %c".formatted(size, type)));
        block.put(257, utf8("ustar\00000"));
        int sum = 0;
        for (byte b : block.array()) {
            sum += b & 0xFF;
        }
        out.writeBytes(block.put(148, utf8("%06o\000 ".formatted(sum))).array());
    }

    private static byte[] gzip(byte[] bytes) throws IOException {
        var out = new ByteArrayOutputStream();
        try (var gzip = new GZIPOutputStream(out)) {
            gzip.write(bytes);
        }
        return out.toByteArray();
    }

    private static String digest(byte[] bytes) {
        try {
            return "sha256:" + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(bytes));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    private static byte[] utf8(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }
}
