package io.keelson.server.rpc;

import io.grpc.BindableService;
import io.grpc.Context;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.keelson.proto.ImageServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;

/**
 * The calls of a daemon that is starting. {@code Version} has its answer from the beginning; each other call waits on its own thread
 * until there is what answers it, for as long as its caller does.
 */
final class CallGate {
    private static final List<ServiceDescriptor> API =
            List.of(RuntimeServiceGrpc.getServiceDescriptor(), ImageServiceGrpc.getServiceDescriptor());

    private static final String EARLY = RuntimeServiceGrpc.getVersionMethod().getFullMethodName();

    private final ServerMethodDefinition<?, ?> early;

    /** By the methods' full names. */
    private final CompletableFuture<Map<String, ServerMethodDefinition<?, ?>>> answers = new CompletableFuture<>();

    CallGate(VersionCalls early) {
        this.early = early.bindService().getMethod(EARLY);
    }

    /** What a server can be asked from its first moment on. */
    List<ServerServiceDefinition> services() {
        return API.stream().map(this::service).toList();
    }

    /** From now on these answer, also what waits; the last interceptor hears of a call first. */
    void open(List<BindableService> services, List<ServerInterceptor> interceptors) {
        var methods = new HashMap<String, ServerMethodDefinition<?, ?>>();
        for (var service : services) {
            for (var method :
                    ServerInterceptors.intercept(service, interceptors).getMethods()) {
                methods.put(method.getMethodDescriptor().getFullMethodName(), method);
            }
        }
        answers.complete(methods);
    }

    /** Unless it is open, refuses what waits. */
    void close() {
        answers.completeExceptionally(new IllegalStateException("closed"));
    }

    private ServerServiceDefinition service(ServiceDescriptor descriptor) {
        var service = ServerServiceDefinition.builder(descriptor);
        descriptor.getMethods().forEach(method -> service.addMethod(gated(method)));
        return service.build();
    }

    private <Q, R> ServerMethodDefinition<Q, R> gated(MethodDescriptor<Q, R> method) {
        return ServerMethodDefinition.create(
                method, (call, headers) -> handler(method).startCall(call, headers));
    }

    private <Q, R> ServerCallHandler<Q, R> handler(MethodDescriptor<Q, R> method) {
        if (!answers.isDone() && method.getFullMethodName().equals(EARLY)) {
            return handler(early);
        }
        try (var _ = new Interruption(Context.current())) {
            var definition = answers.get().get(method.getFullMethodName());
            return definition == null ? refusing(Status.UNIMPLEMENTED) : handler(definition);
        } catch (InterruptedException e) {
            return refusing(Status.CANCELLED);
        } catch (ExecutionException e) {
            return refusing(Status.UNAVAILABLE.withDescription(
                    "the daemon ended before it had restored what it answers with; its log says why"));
        }
    }

    /** Both are of the method of this name. */
    @SuppressWarnings("unchecked")
    private static <Q, R> ServerCallHandler<Q, R> handler(ServerMethodDefinition<?, ?> definition) {
        return ((ServerMethodDefinition<Q, R>) definition).getServerCallHandler();
    }

    private static <Q, R> ServerCallHandler<Q, R> refusing(Status status) {
        return (call, _) -> {
            call.close(status, new Metadata());
            return new ServerCall.Listener<>() {};
        };
    }
}
