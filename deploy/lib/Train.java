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
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.Channels;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.concurrent.TimeUnit;

/**
 * {@code train} calls everything that can be had without root: each call with an empty request, calls for what is not there, the
 * pages of metrics, and pulls from a registry of one image inside this program; with {@code pods} also what root can have, {@link
 * PodTraining}. {@code leave} starts pods and leaves them there. The first argument is the directory of the daemon.
 */
final class Train {
    /** How many pods a daemon finds that starts again. */
    private static final int LEFT = 3;

    /** HotSpot optimizes what was called 5,000 times, and a reading calls most things once a pod. */
    private static final int CYCLES = 60;

    private static final int PODS = 20;
    private static final int READINGS = 400;

    public static void main(String[] arguments) {
        try {
            train(Path.of(arguments[0]), arguments[1].equals("leave"), arguments.length > 2);
            System.exit(0);
        } catch (Exception e) {
            e.printStackTrace();
            // The registry's threads would go on.
            System.exit(1);
        }
    }

    private static void train(Path work, boolean isToLeave, boolean withPods) throws Exception {
        var registry = new TinyRegistry();
        var events = new MultiThreadIoEventLoopGroup(1, EpollIoHandler.newFactory());
        var channel = NettyChannelBuilder.forAddress(
                        new DomainSocketAddress(work.resolve("k.sock").toFile()))
                .channelType(EpollDomainSocketChannel.class)
                .eventLoopGroup(events)
                .usePlaintext()
                .build();
        awaitAnswer(channel);
        if (isToLeave) {
            pull(channel, registry.image());
            attempt("left behind", () -> new PodTraining(channel, registry.image()).leave(LEFT));
        } else {
            for (int round = 0; round < 8; round++) {
                askEverything(channel);
                askForWhatIsNotThere(channel);
                page(work, "/metrics");
                page(work, "/healthz");
                pull(channel, registry.image());
                withPods = withPods && trainPods(channel, registry.image(), round);
                remove(channel, registry.image());
            }
            if (withPods) {
                pull(channel, registry.image());
                attempt("often enough in the cache", () -> trainHotCode(new PodTraining(channel, registry.image()), work));
                // With its layer still mounted the directory of the training could not be removed.
                remove(channel, registry.image());
            }
        }
        channel.shutdownNow();
        events.shutdownGracefully(0, 100, TimeUnit.MILLISECONDS).await();
    }

    private static void page(Path work, String path) {
        var request = "GET " + path + " HTTP/1.1\r\nHost: train\r\nConnection: close\r\n\r\n";
        try (var connection = SocketChannel.open(UnixDomainSocketAddress.of(work.resolve("metrics.sock")))) {
            connection.write(ByteBuffer.wrap(request.getBytes(StandardCharsets.US_ASCII)));
            Channels.newInputStream(connection).readAllBytes();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** False if this machine cannot do it, which is said: a cache that lacks the half would be slow, and nobody would know why. */
    private static boolean trainPods(ManagedChannel channel, String image, int round) {
        return attempt("in the cache", () -> {
            var training = new PodTraining(channel, image);
            training.removeAll();
            training.run(round, () -> askEverything(channel));
        });
    }

    /**
     * What kubelet and Prometheus have a daemon do for days: often enough that the optimizing compiler takes it on, whose choice the
     * cache keeps.
     */
    private static void trainHotCode(PodTraining training, Path work) {
        for (int cycle = 0; cycle < CYCLES; cycle++) {
            training.run(cycle, () -> {});
        }
        training.leave(PODS);
        for (int reading = 0; reading < READINGS; reading++) {
            training.list();
            page(work, "/metrics");
        }
        training.removeAll();
    }

    private static boolean attempt(String what, Runnable pods) {
        try {
            pods.run();
            return true;
        } catch (StatusRuntimeException e) {
            System.err.println("train: pods and containers are not " + what + ": " + e.getMessage());
            return false;
        }
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

    private static void askEverything(ManagedChannel channel) {
        askEverything(channel, RuntimeServiceGrpc.getServiceDescriptor());
        askEverything(channel, ImageServiceGrpc.getServiceDescriptor());
    }

    /** Each call with an empty request: most answer that this is not valid, which is a path worth knowing, too. */
    private static void askEverything(ManagedChannel channel, ServiceDescriptor service) {
        for (var method : service.getMethods()) {
            attempt(() -> call(channel, method));
        }
    }

    /** Of events there is no end, so the deadline is short. */
    private static <Q, R> void call(ManagedChannel channel, MethodDescriptor<Q, R> method) {
        ClientCalls.blockingServerStreamingCall(
                        channel,
                        method,
                        CallOptions.DEFAULT.withDeadlineAfter(300, TimeUnit.MILLISECONDS),
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

    private static void pull(ManagedChannel channel, String name) {
        var images = ImageServiceGrpc.newBlockingStub(channel);
        var image = ImageSpec.newBuilder().setImage(name).build();
        images.pullImage(PullImageRequest.newBuilder().setImage(image).build());
        images.listImages(ListImagesRequest.getDefaultInstance());
        images.imageStatus(ImageStatusRequest.newBuilder().setImage(image).build());
        images.imageStatus(ImageStatusRequest.newBuilder().setImage(image).setVerbose(true).build());
    }

    private static void remove(ManagedChannel channel, String name) {
        var image = ImageSpec.newBuilder().setImage(name).build();
        ImageServiceGrpc.newBlockingStub(channel)
                .removeImage(RemoveImageRequest.newBuilder().setImage(image).build());
    }

    static void attempt(Runnable call) {
        try {
            call.run();
        } catch (StatusRuntimeException e) {
            // The answer does not matter, only that there is one.
        }
    }
}
