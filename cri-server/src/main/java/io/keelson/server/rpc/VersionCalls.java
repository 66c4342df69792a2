package io.keelson.server.rpc;

import io.grpc.stub.StreamObserver;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.proto.VersionRequest;
import io.keelson.proto.VersionResponse;

/** What can be told before anything is known of the node. */
public final class VersionCalls extends RuntimeServiceImplBase {
    /** The first part of the container ids that kubelet shows. */
    private static final String RUNTIME_NAME = "keelson";

    /** kubelet's own version of the API's wire format, not that of the API. */
    private static final String KUBELET_API_VERSION = "0.1.0";

    private static final String API_VERSION = "v1";

    private final Calls calls;
    private final String version;

    public VersionCalls(Calls calls, String version) {
        this.calls = calls;
        this.version = version;
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
}
