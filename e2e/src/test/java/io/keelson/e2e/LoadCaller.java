package io.keelson.e2e;

import io.grpc.StatusRuntimeException;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.NodePlace;
import io.keelson.proto.ContainerConfig;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.StartContainerRequest;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Function;
import java.util.stream.Stream;

/**
 * One of several who each have pods of their own, with a container that runs: it makes them, and removes and makes anew one after
 * another. What fails is asked for again until it succeeds, since a daemon that was killed has not answered.
 */
final class LoadCaller {
    private static final Duration DEADLINE = Duration.ofSeconds(30);
    private static final int MOST_ATTEMPTS = 200;

    private final NodePlace place;
    private final String image;
    private final List<Integer> slots;
    private final Random random;
    private final Map<Integer, Known> known = new TreeMap<>();
    private Cri cri;
    private int cycles;

    /** What it was told that there is. */
    record Known(String pod, String container) {}

    LoadCaller(NodePlace place, String image, int number, int pods, int callers, long seed) {
        this.place = place;
        this.image = image;
        slots = Stream.iterate(number, slot -> slot < pods, slot -> slot + callers)
                .toList();
        random = new Random(seed);
        cri = Cri.connect(place.socket());
    }

    Stream<Known> known() {
        return known.values().stream();
    }

    int cycles() {
        return cycles;
    }

    /** Every pod is there at its end. */
    void callUntil(AtomicBoolean isOver) throws InterruptedException {
        try {
            while (!isOver.get()) {
                renew(slots.get(random.nextInt(slots.size())));
            }
            for (var slot : slots) {
                if (!known.containsKey(slot)) {
                    renew(slot);
                }
            }
        } finally {
            cri.close();
        }
    }

    private void renew(int slot) throws InterruptedException {
        var old = known.remove(slot);
        if (old != null) {
            insist(client -> {
                Requests.removePod(client, old.pod());
                return old;
            });
        }
        var pod = pod(slot, cycles++);
        var id = insist(client -> Requests.run(client, pod));
        var config = container();
        var container = insist(client -> Requests.create(client, id, pod, config));
        insist(client -> start(client, container));
        known.put(slot, new Known(id, container));
    }

    /** One whose start was not answered may run all the same. */
    private static String start(Cri client, String container) {
        var state = Requests.status(client, container).getState();
        return switch (state) {
            case CONTAINER_RUNNING -> container;
            case CONTAINER_CREATED -> {
                client.runtime(DEADLINE)
                        .startContainer(StartContainerRequest.newBuilder()
                                .setContainerId(container)
                                .build());
                yield container;
            }
            default -> throw new AssertionError(container + " is " + state);
        };
    }

    private PodSandboxConfig pod(int slot, int attempt) {
        var pod = Requests.pod(place, "load-" + slot);
        pod.getMetadataBuilder().setAttempt(attempt);
        return pod.build();
    }

    private ContainerConfig container() {
        return Requests.container("c", image, List.of("sleep", "100000")).build();
    }

    private <T> T insist(Function<Cri, T> call) throws InterruptedException {
        for (var attempt = 1; ; attempt++) {
            try {
                return call.apply(cri);
            } catch (StatusRuntimeException e) {
                if (attempt == MOST_ATTEMPTS) {
                    throw e;
                }
                TimeUnit.MILLISECONDS.sleep(100);
                // The channel would wait for seconds before it looks for the next daemon.
                cri.close();
                cri = Cri.connect(place.socket());
            }
        }
    }
}
