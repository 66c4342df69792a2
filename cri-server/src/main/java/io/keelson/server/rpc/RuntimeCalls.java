package io.keelson.server.rpc;

import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodStarter;
import io.keelson.pod.PodStopper;
import io.keelson.pod.PodUpdater;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerCreator;
import io.keelson.pod.container.ContainerId;
import io.keelson.pod.container.ContainerLogs;
import io.keelson.pod.container.ContainerStarter;
import io.keelson.pod.container.ContainerStopper;
import io.keelson.pod.container.ContainerUpdater;
import io.keelson.pod.container.ExecSync;
import io.keelson.pod.stats.PodMetricsReader;
import io.keelson.pod.stats.PodUsageReader;
import io.keelson.pod.stats.UsageReader;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.RuntimeServiceGrpc.RuntimeServiceImplBase;
import io.keelson.server.events.LifeEvents;
import java.lang.reflect.Method;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.function.Consumer;

/**
 * Pods and containers: one service of the API, put together from the classes that have its calls, each a table of contents. A call
 * that none of them has answers UNIMPLEMENTED.
 */
public final class RuntimeCalls implements BindableService {
    /** What can be done with pods. */
    public record PodVerbs(
            PodCatalog catalog,
            PodStarter starter,
            PodStopper stopper,
            Consumer<PodId> remover,
            PodUsageReader usage,
            PodMetricsReader metrics,
            PodUpdater updater) {}

    /** What can be done with containers. */
    public record ContainerVerbs(
            ContainerCatalog catalog,
            ContainerCreator creator,
            ContainerStarter starter,
            ContainerStopper stopper,
            Consumer<ContainerId> remover,
            ContainerUpdater updater,
            ExecSync execSync,
            ContainerLogs logs,
            UsageReader usage,
            Streams streams) {}

    private final List<RuntimeServiceImplBase> parts;

    /** @param root a directory on the file system that containers write to */
    public RuntimeCalls(
            Calls calls,
            String version,
            NodeStatus node,
            PodVerbs pods,
            ContainerVerbs containers,
            LifeEvents events,
            Path root) {
        parts = List.of(
                new VersionCalls(calls, version),
                new NodeCalls(calls, node),
                new PodCalls(calls, pods, containers.catalog()),
                new ContainerCalls(calls, pods.catalog(), containers),
                new StatisticsCalls(calls, pods.usage(), containers.usage(), root),
                new MetricCalls(calls, pods.metrics()),
                new CommandCalls(calls, containers),
                new EventCalls(events));
    }

    @Override
    public ServerServiceDefinition bindService() {
        var descriptor = RuntimeServiceGrpc.getServiceDescriptor();
        var service = ServerServiceDefinition.builder(descriptor);
        descriptor.getMethods().forEach(method -> service.addMethod(bound(method)));
        return service.build();
    }

    private ServerMethodDefinition<?, ?> bound(MethodDescriptor<?, ?> method) {
        return partWith(method).bindService().getMethods().stream()
                .filter(each -> each.getMethodDescriptor().equals(method))
                .findFirst()
                .orElseThrow();
    }

    /** Any of them, where none has it: what they all inherit is that answer. */
    private RuntimeServiceImplBase partWith(MethodDescriptor<?, ?> method) {
        var having = parts.stream().filter(part -> has(part, method)).toList();
        if (having.size() > 1) {
            throw new IllegalStateException("more than one class has " + method.getFullMethodName());
        }
        return having.isEmpty() ? parts.getFirst() : having.getFirst();
    }

    /** Methods have the names of the calls, but for the first letter. */
    private static boolean has(RuntimeServiceImplBase part, MethodDescriptor<?, ?> call) {
        return Arrays.stream(part.getClass().getDeclaredMethods())
                .map(Method::getName)
                .anyMatch(name -> name.equalsIgnoreCase(call.getBareMethodName()));
    }
}
