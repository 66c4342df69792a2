package io.keelson.e2e.bench;

import io.grpc.stub.StreamObserver;
import io.keelson.e2e.node.Cri;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.GetEventsRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import tools.jackson.databind.json.JsonMapper;

/** How soon a subscriber of {@code GetContainerEvents} hears that a container has ended by itself. */
final class Exits implements StreamObserver<ContainerEventResponse> {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long PATIENCE_SECONDS = 30;

    private final Map<String, CompletableFuture<Long>> expected = new ConcurrentHashMap<>();

    private Exits() {}

    /** Ends these containers' processes, one after the other. */
    static void measure(Cri cri, Calls calls, List<String> containers, Samples samples) throws Exception {
        var exits = new Exits();
        cri.events().getContainerEvents(GetEventsRequest.getDefaultInstance(), exits);
        for (var id : containers) {
            exits.measure(calls, id, samples);
        }
    }

    private void measure(Calls calls, String id, Samples samples) throws Exception {
        var pid = JSON.readTree(calls.containerInfo(id).getOrDefault("info", "{}"))
                .at("/pid")
                .longValue();
        var process = ProcessHandle.of(pid)
                .orElseThrow(() -> new IllegalStateException("container " + id + " has no process"));
        var heard = new CompletableFuture<Long>();
        expected.put(id, heard);
        var begin = System.nanoTime();
        process.destroyForcibly();
        try {
            samples.add(Metric.EXIT_EVENT, Samples.millis(heard.get(PATIENCE_SECONDS, TimeUnit.SECONDS) - begin));
        } catch (TimeoutException e) {
            throw new IllegalStateException("no event tells of the end of container " + id, e);
        }
    }

    @Override
    public void onNext(ContainerEventResponse event) {
        var heard = expected.get(event.getContainerId());
        if (heard != null && event.getContainerEventType() == ContainerEventType.CONTAINER_STOPPED_EVENT) {
            heard.complete(System.nanoTime());
        }
    }

    /** Who waits says so. */
    @Override
    public void onError(Throwable thrown) {}

    @Override
    public void onCompleted() {}
}
