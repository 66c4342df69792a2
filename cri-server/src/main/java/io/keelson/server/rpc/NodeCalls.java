package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.RuntimeConfigRequest;
import io.keelson.proto.RuntimeConfigResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StatusResponse;
import io.keelson.proto.UpdateRuntimeConfigRequest;
import io.keelson.proto.UpdateRuntimeConfigResponse;

/** What is asked about the node and its runtime. */
final class NodeCalls extends RuntimeServiceImplBase {
    private final Calls calls;
    private final NodeStatus node;

    NodeCalls(Calls calls, NodeStatus node) {
        this.calls = calls;
        this.node = node;
    }

    @Override
    public void status(StatusRequest request, StreamObserver<StatusResponse> response) {
        calls.reply(Attempt.to("tell the node's status"), response, () -> node.response(request.getVerbose()));
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> response) {
        calls.reply(Attempt.to("tell the configuration"), response, node::runtimeConfig);
    }

    /** The network's configuration brings its own addresses, so there is nothing to do with the pod CIDR that this tells. */
    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> response) {
        calls.reply(Attempt.to("take the configuration"), response, UpdateRuntimeConfigResponse::getDefaultInstance);
    }
}
