package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.CgroupDriver;
import io.keelson.proto.LinuxRuntimeConfiguration;
import io.keelson.proto.RuntimeConfigRequest;
import io.keelson.proto.RuntimeConfigResponse;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.StatusRequest;
import io.keelson.proto.StatusResponse;
import io.keelson.proto.UpdateRuntimeConfigRequest;
import io.keelson.proto.UpdateRuntimeConfigResponse;
import io.keelson.proto.VersionRequest;
import io.keelson.proto.VersionResponse;

/** Pods and containers: the table of contents. A call that is not here answers UNIMPLEMENTED. */
public final class RuntimeCalls extends RuntimeServiceGrpc.RuntimeServiceImplBase {
    /** The first part of the container ids that kubelet shows. */
    private static final String RUNTIME_NAME = "keelson";

    /** kubelet's own version of the API's wire format, not that of the API. */
    private static final String KUBELET_API_VERSION = "0.1.0";

    private static final String API_VERSION = "v1";

    private final Calls calls;
    private final String version;
    private final NodeStatus node;

    public RuntimeCalls(Calls calls, String version, NodeStatus node) {
        this.calls = calls;
        this.version = version;
        this.node = node;
    }

    @Override
    public void version(VersionRequest request, StreamObserver<VersionResponse> response) {
        calls.reply(
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
        calls.reply(response, () -> node.response(request.getVerbose()));
    }

    @Override
    public void runtimeConfig(RuntimeConfigRequest request, StreamObserver<RuntimeConfigResponse> response) {
        calls.reply(
                response,
                () -> RuntimeConfigResponse.newBuilder()
                        .setLinux(LinuxRuntimeConfiguration.newBuilder().setCgroupDriver(CgroupDriver.CGROUPFS))
                        .build());
    }

    /** The network's configuration brings its own addresses, so there is nothing to do with the pod CIDR that this tells. */
    @Override
    public void updateRuntimeConfig(
            UpdateRuntimeConfigRequest request, StreamObserver<UpdateRuntimeConfigResponse> response) {
        calls.reply(response, UpdateRuntimeConfigResponse::getDefaultInstance);
    }
}
