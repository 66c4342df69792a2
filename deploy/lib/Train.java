import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.ClientCalls;
import io.keelson.proto.*;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.epoll.EpollIoHandler;
import io.netty.channel.unix.DomainSocketAddress;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.File;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.io.PushbackInputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.HexFormat;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;

/**
 * Calls everything that can be had without root: each call with an empty request, calls for what is not there, and pulls from a
 * registry of one image inside this program.
 */
final class Train {
    public static void main(String[] arguments) {
        try {
            train(arguments[0]);
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            // The registry's threads would go on.
            System.exit(1);
        }
    }

    private static void train(String socket) throws Exception {
        var registry = new TinyRegistry();
        var events = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var channel = NettyChannelBuilder.forAddress(new DomainSocketAddress(new File(socket)))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(events)
                .usePlaintext()
                .build();
        awaitAnswer(channel);
        for (int round = 0; round < 20; round++) {
            askEverything(channel, RuntimeServiceGrpc.getServiceDescriptor());
            askEverything(channel, ImageServiceGrpc.getServiceDescriptor());
            askForWhatIsNotThere(channel);
            pullAndRemove(channel, registry.image());
        }
        channel.shutdownNow();
        events.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).await();
    }

    private static void awaitAnswer(ManagedChannel channel) throws InterruptedException {
        var end = Instant.now().plus(Duration.ofSeconds(60));
        while (true) {
            try {
                RuntimeServiceGrpc.newBlockingStub(channel)
                        .withDeadlineAfter(5, TimeUnit.SECONDS)
                        .version(VersionRequest.getDefaultInstance());
                return;
            } catch (StatusRuntimeException e) {
                if (Instant.now().isAfter(end)) {
                    throw e;
                }
                Thread.sleep(100);
                channel.resetConnectBackoff();
            }
        }
    }

    /** Each call with an empty request: most answer that this is not valid, which is a path worth knowing, too. */
    private static void askEverything(ManagedChannel channel, ServiceDescriptor service) {
        for (var method : service.getMethods()) {
            attempt(() -> call(channel, method));
        }
    }

    private static <Q, R> void call(ManagedChannel channel, MethodDescriptor<Q, R> method) {
        ClientCalls.blockingServerStreamingCall(
                        channel,
                        method,
                        CallOptions.DEFAULT.withDeadlineAfter(2, TimeUnit.SECONDS),
                        method.parseRequest(InputStream.nullInputStream()))
                .forEachRemaining(reply -> {});
    }

    private static void askForWhatIsNotThere(ManagedChannel channel) {
        var runtime = RuntimeServiceGrpc.newBlockingStub(channel);
        var images = ImageServiceGrpc.newBlockingStub(channel);
        var image = ImageSpec.newBuilder().setImage("127.0.0.1:1/library/busybox:1").build();
        var pod = PodSandboxConfig.newBuilder()
                .setMetadata(PodSandboxMetadata.newBuilder().setName("train").setNamespace("train").setUid("train"))
                .build();
        attempt(() -> runtime.status(StatusRequest.newBuilder().setVerbose(true).build()));
        attempt(() -> images.imageStatus(ImageStatusRequest.newBuilder().setImage(image).build()));
        attempt(() -> images.removeImage(RemoveImageRequest.newBuilder().setImage(image).build()));
        attempt(() -> runtime.stopContainer(StopContainerRequest.newBuilder().setContainerId("none").build()));
        attempt(() -> runtime.removeContainer(RemoveContainerRequest.newBuilder().setContainerId("none").build()));
        attempt(() -> runtime.containerStatus(ContainerStatusRequest.newBuilder().setContainerId("none").build()));
        attempt(() -> runtime.podSandboxStatus(PodSandboxStatusRequest.newBuilder().setPodSandboxId("none").build()));
        attempt(() -> runtime.stopPodSandbox(StopPodSandboxRequest.newBuilder().setPodSandboxId("none").build()));
        attempt(() -> runtime.removePodSandbox(RemovePodSandboxRequest.newBuilder().setPodSandboxId("none").build()));
        attempt(() -> runtime.execSync(ExecSyncRequest.newBuilder().setContainerId("none").addCmd("true").build()));
        attempt(() -> runtime.createContainer(CreateContainerRequest.newBuilder()
                .setPodSandboxId("none")
                .setSandboxConfig(pod)
                .setConfig(ContainerConfig.newBuilder()
                        .setMetadata(ContainerMetadata.newBuilder().setName("train"))
                        .setImage(image))
                .build()));
    }

    private static void pullAndRemove(ManagedChannel channel, String name) {
        var images = ImageServiceGrpc.newBlockingStub(channel);
        var image = ImageSpec.newBuilder().setImage(name).build();
        images.pullImage(PullImageRequest.newBuilder().setImage(image).build());
        images.listImages(ListImagesRequest.getDefaultInstance());
        images.imageStatus(ImageStatusRequest.newBuilder().setImage(image).setVerbose(true).build());
        images.removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    }

    private static void attempt(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            // The answer does not matter, only that there is one.
        }
    }
}

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
                {"os":"linux","architecture":"%s","config":{"Cmd":["true"]},"rootfs":{"type":"layers","diff_ids":["%s"]}}"""
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

    /** Fifty files in a directory, in the oldest form of tar that there is. */
    private static byte[] tar() {
        var out = new ByteArrayOutputStream();
        header(out, "d/", '5', 0);
        for (int i = 0; i < 50; i++) {
            var contents = ("file " + i + "\n").repeat(100 * i).getBytes(StandardCharsets.US_ASCII);
            header(out, "d/" + i, '0', contents.length);
            out.writeBytes(contents);
            out.writeBytes(new byte[(512 - contents.length % 512) % 512]);
        }
        out.writeBytes(new byte[1024]);
        return out.toByteArray();
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
