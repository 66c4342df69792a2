package io.keelson.e2e.bench;

import io.grpc.stub.StreamObserver;
import io.keelson.e2e.node.Cri;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.GetEventsRequest;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import tools.jackson.databind.json.JsonMapper;

/** How soon a subscriber of {@code GetContainerEvents} hears that a container has ended by itself. */
final class Exits implements StreamObserver<ContainerEventResponse> {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final long PATIENCE_SECONDS = 30;

    private final Map<String, Long> heardAt = new ConcurrentHashMap<>();
    private final Map<String, CountDownLatch> expected = new ConcurrentHashMap<>();

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
        var heard = new CountDownLatch(1);
        expected.put(id, heard);
        var begin = System.nanoTime();
        process.destroyForcibly();
        if (!heard.await(PATIENCE_SECONDS, TimeUnit.SECONDS)) {
            throw new IllegalStateException("no event tells of the end of container " + id);
        }
        samples.add(Metric.EXIT_EVENT, Samples.millis(heardAt.get(id) - begin));
    }

    @Override
    public void onNext(ContainerEventResponse event) {
        var heard = expected.get(event.getContainerId());
        if (heard != null && event.getContainerEventType() == ContainerEventType.CONTAINER_STOPPED_EVENT) {
            heardAt.putIfAbsent(event.getContainerId(), System.nanoTime());
            heard.countDown();
        }
    }

    /** Who waits says so. */
    @Override
    public void onError(Throwable thrown) {}

    @Override
    public void onCompleted() {}
}
