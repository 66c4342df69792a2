package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.stream.ContainerAttach;
import io.keelson.pod.stream.ContainerExec;
import io.keelson.pod.stream.PodPorts;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.AttachResponse;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecResponse;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.PortForwardResponse;
import io.keelson.server.stream.Offer;
import io.keelson.server.stream.StreamServer;
import java.util.List;

/** The calls that answer with a URL: what is wrong with them is said at once, and the rest happens there. */
public final class Streams {
    private final ContainerCatalog containers;
    private final PodCatalog pods;
    private final ContainerExec exec;
    private final ContainerAttach attach;
    private final PodPorts ports;
    private final StreamServer server;

    public Streams(
            ContainerCatalog containers,
            PodCatalog pods,
            ContainerExec exec,
            ContainerAttach attach,
            PodPorts ports,
            StreamServer server) {
        this.containers = containers;
        this.pods = pods;
        this.exec = exec;
        this.attach = attach;
        this.ports = ports;
        this.server = server;
    }

    ExecResponse exec(ExecRequest request) {
        requireStreams(request.getTty(), request.getStdin(), request.getStdout(), request.getStderr());
        var id = containers.get(Containers.id(request.getContainerId())).id();
        var command = List.copyOf(request.getCmdList());
        exec.check(id, command);
        var offer = new Offer.Talk(
                "exec",
                request.getStdin(),
                request.getStdout(),
                request.getStderr(),
                request.getTty(),
                session -> exec.run(id, command, request.getTty(), session));
        return ExecResponse.newBuilder().setUrl(server.offer(offer).toString()).build();
    }

    AttachResponse attach(AttachRequest request) {
        requireStreams(request.getTty(), request.getStdin(), request.getStdout(), request.getStderr());
        var id = containers.get(Containers.id(request.getContainerId())).id();
        attach.check(id);
        var offer = new Offer.Talk(
                "attach", request.getStdin(), request.getStdout(), request.getStderr(), request.getTty(), session -> {
                    attach.attach(id, session);
                    return 0;
                });
        return AttachResponse.newBuilder()
                .setUrl(server.offer(offer).toString())
                .build();
    }

    PortForwardResponse portForward(PortForwardRequest request) {
        var id = pods.get(Pods.id(request.getPodSandboxId())).id();
        for (var port : request.getPortList()) {
            if (port < 1 || port > Offer.LARGEST_PORT) {
                throw Failure.invalid(port + " is not a port");
            }
        }
        ports.check(id);
        return PortForwardResponse.newBuilder()
                .setUrl(server.offer(new Offer.Ports(request.getPortList(), port -> ports.dial(id, port)))
                        .toString())
                .build();
    }

    private static void requireStreams(boolean terminal, boolean stdin, boolean stdout, boolean stderr) {
        if (terminal && stderr) {
            throw Failure.invalid("with a terminal (tty) there is no stderr of its own");
        }
        if (!stdin && !stdout && !stderr) {
            throw Failure.invalid("none of stdin, stdout and stderr is asked for");
        }
    }
}
