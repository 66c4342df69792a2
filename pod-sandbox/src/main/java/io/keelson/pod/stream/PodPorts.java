package io.keelson.pod.stream;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Namespaces;
import io.keelson.host.linux.PlatformThread;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodState;
import io.keelson.pod.namespace.NamespaceMode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.UnknownHostException;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** Connections to what listens inside of pods (CRI v1, PortForward). */
public final class PodPorts {
    private static final Duration PATIENCE = Duration.ofSeconds(10);

    private final PodCatalog pods;
    private final PodPaths paths;

    public PodPorts(PodCatalog pods, PodPaths paths) {
        this.pods = pods;
        this.paths = paths;
    }

    /** @throws Failure ABSENT or WRONG_STATE if there is no such pod or it is not ready */
    public void check(PodId id) {
        if (pods.get(id.hex()).state() != PodState.READY) {
            throw Failure.wrongState("cannot forward ports of pod " + id + ": it is not ready");
        }
    }

    /**
     * A connection to the port on the pod's own loopback, IPv4 first; made by a thread that is in the pod's network for this alone.
     *
     * @throws Failure ABSENT or WRONG_STATE if there is no such pod or it is not ready, UNAVAILABLE if nobody listens there
     */
    public SocketChannel dial(PodId id, int port) {
        check(id);
        var isOfHost = pods.get(id.hex()).spec().security().namespaces().network() == NamespaceMode.NODE;
        try {
            if (isOfHost) {
                return dialHere(port);
            }
            return PlatformThread.call(
                    "port-forward", () -> dialInside(paths.namespaces(id).network(), port));
        } catch (IOException e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "cannot connect to port " + port + " in pod " + id + ": " + e.getMessage(),
                    e);
        }
    }

    private static SocketChannel dialInside(Path namespace, int port) {
        try (var network = Descriptors.open(namespace, Descriptors.O_RDONLY, 0)) {
            Namespaces.setns(network, Namespaces.CLONE_NEWNET);
            return dialHere(port);
        } catch (IOException e) {
            throw new Failure(Failure.Kind.UNAVAILABLE, "port " + port + ": " + e.getMessage(), e);
        }
    }

    private static SocketChannel dialHere(int port) throws IOException {
        IOException first = null;
        for (var address : loopbacks()) {
            var channel = SocketChannel.open();
            try {
                channel.socket().connect(new InetSocketAddress(address, port), (int) PATIENCE.toMillis());
                return channel;
            } catch (IOException e) {
                channel.close();
                first = first == null ? e : first;
            }
        }
        throw first == null ? new IOException("there is no loopback") : first;
    }

    private static List<InetAddress> loopbacks() throws UnknownHostException {
        var ipv6 = new byte[16];
        ipv6[15] = 1;
        return List.of(InetAddress.getByAddress(new byte[] {127, 0, 0, 1}), InetAddress.getByAddress(ipv6));
    }
}
