package io.keelson.server.rpc;

import io.grpc.BindableService;
import io.grpc.ServerInterceptor;
import java.nio.file.Path;
import java.util.List;

/** Servers that have started. */
public final class Serving {
    private Serving() {}

    public static CriServer on(Path socket, List<BindableService> services, ServerInterceptor... witnesses) {
        var server = CriServer.open(socket, new VersionCalls(new Calls(), "early"));
        server.serve(services, List.of(witnesses));
        return server;
    }
}
