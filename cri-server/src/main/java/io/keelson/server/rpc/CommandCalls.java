package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.AttachResponse;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecResponse;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.ExecSyncResponse;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.PortForwardResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.server.rpc.RuntimeCalls.ContainerVerbs;

/** Commands in containers, and talking with what runs there. */
final class CommandCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final ContainerVerbs containers;
    private final ReplyMemory outputs = new ReplyMemory();

    CommandCalls(Calls calls, ContainerVerbs containers) {
        this.calls = calls;
        this.containers = containers;
    }

    @Override
    public void execSync(ExecSyncRequest request, StreamObserver<ExecSyncResponse> response) {
        try (var memory = outputs.hold(response)) {
            calls.reply(
                    Attempt.to("run a command in container", request.getContainerId()),
                    response,
                    () -> Containers.response(containers
                            .execSync()
                            .run(
                                    containers
                                            .catalog()
                                            .get(Containers.id(request.getContainerId()))
                                            .id(),
                                    Containers.command(request),
                                    Containers.timeout(request),
                                    memory)));
        }
    }

    @Override
    public void exec(ExecRequest request, StreamObserver<ExecResponse> response) {
        calls.change(
                "Exec",
                Attempt.to("run a command in container", request.getContainerId()),
                response,
                () -> containers.streams().exec(request));
    }

    @Override
    public void attach(AttachRequest request, StreamObserver<AttachResponse> response) {
        calls.change(
                "Attach",
                Attempt.to("attach to container", request.getContainerId()),
                response,
                () -> containers.streams().attach(request));
    }

    @Override
    public void portForward(PortForwardRequest request, StreamObserver<PortForwardResponse> response) {
        calls.change(
                "PortForward",
                Attempt.to("forward ports of pod", request.getPodSandboxId()),
                response,
                () -> containers.streams().portForward(request));
    }
}
