package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.RuntimeConfigRequest;
import io.keelson.proto.RuntimeConfigResponse;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StatusResponse;
import io.keelson.proto.UpdateRuntimeConfigRequest;
import io.keelson.proto.UpdateRuntimeConfigResponse;
import io.keelson.proto.VersionRequest;
import io.keelson.proto.VersionResponse;

/** What is asked about the node and its runtime. */
final class NodeCalls extends RuntimeServiceImplBase {
    /** The first part of the container ids that kubelet shows. */
    private static final String RUNTIME_NAME = "keelson";

    /** kubelet's own version of the API's wire format, not that of the API. */
    private static final String KUBELET_API_VERSION = "0.1.0";

    private static final String API_VERSION = "v1";

    private final Calls calls;
    private final String version;
    private final NodeStatus node;

    NodeCalls(Calls calls, String version, NodeStatus node) {
        this.calls = calls;
        this.version = version;
        this.node = node;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
        calls.reply(
                Attempt.to("tell the version"),
                response,
                () -> VersionResponse.newBuilder()
                        .setVersion(KUBELET_API_VERSION)
                        .setRuntimeName(RUNTIME_NAME)
                        .setRuntimeVersion(version)
                        .setRuntimeApiVersion(API_VERSION)
                        .build());
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
