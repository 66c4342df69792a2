package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.Status.Code;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.MetadataUtils;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.pod.LifeListener.Change;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.pod.container.ContainerPaths;
import io.keelson.proto.ContainerEventResponse;
import io.keelson.proto.ContainerEventType;
import io.keelson.proto.GetEventsRequest;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.server.events.LifeEvents;
import io.keelson.server.events.Subscription;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.stream.IntStream;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class EventStreamIT {
    private static final PodId POD = new PodId("a".repeat(64));
    private static final int MANY = 10_000;

    /** The transport takes a megabyte of what is not read. */
    private static final String LARGE = "c".repeat(400);

    private static final Duration PATIENCE = Duration.ofSeconds(60);

    @TempDir
    Path directory;

    private LifeEvents events;
    private TestServer server;

    @BeforeEach
    void serve() {
        events = new LifeEvents(
                new PodCatalog(new PodPaths(directory, directory)),
                new ContainerCatalog(new ContainerPaths(directory, directory)),
                InstantSource.system());
        server = new TestServer(directory.resolve("k.sock"), List.of(new RuntimeServiceGrpc.RuntimeServiceImplBase() {
            @Override
            public void getContainerEvents(GetEventsRequest request, StreamObserver<ContainerEventResponse> response) {
                EventStream.begin((ServerCallStreamObserver<ContainerEventResponse>) response, events);
            }
        }));
    }

    @AfterEach
    void end() {
        server.close();
    }

    @Test
    void whoHasTheHeadersMissesNothing() {
        for (var round = 0; round < 50; round++) {
            var told = subscribe();

            events.containerChanged(Change.STOPPED, "c" + round, POD);

            assertThat(told.next().getContainerId()).isEqualTo("c" + round);
        }
    }

    @Test
    void tellsSeveralCallersTheSame() {
        var one = subscribe();
        var two = subscribe();
        for (var change : Change.values()) {
            events.containerChanged(change, "c", POD);
        }

        for (var type : List.of(
                ContainerEventType.CONTAINER_CREATED_EVENT,
                ContainerEventType.CONTAINER_STARTED_EVENT,
                ContainerEventType.CONTAINER_STOPPED_EVENT,
                ContainerEventType.CONTAINER_DELETED_EVENT)) {
            assertThat(one.next().getContainerEventType()).isEqualTo(type);
            assertThat(two.next().getContainerEventType()).isEqualTo(type);
        }
    }

    @Test
    void whoDoesNotReadIsToldSo() {
        var told = subscribe();
        // What is not read fills the transport first, and then the subscription.
        var large = "c".repeat(64 * 1024);
        for (var number = 0; number < Subscription.MOST_WAITING + 200; number++) {
            events.containerChanged(Change.CREATED, large, POD);
        }

        var refusal = catchThrowableOfType(StatusRuntimeException.class, () -> told.forEachRemaining(_ -> {}));
        assertThat(refusal.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
        assertThat(refusal.getStatus().getDescription())
                .contains("does not read")
                .contains("list");
    }

    @Test
    void whoReadsMissesNoneOfTenThousandWhileAThirdIsStuck() throws InterruptedException {
        // Each on a connection of its own: on one, whoever does not read holds up the rest of itself.
        var stuck = subscribe();
        var readers = List.of(new Reader(subscribe(server.connect())), new Reader(subscribe(server.connect())));
        for (var number = 0; number < MANY; number++) {
            events.containerChanged(Change.STARTED, LARGE + number, POD);
            if (number % (Subscription.MOST_WAITING / 2) == 0) {
                // Nothing that a node does is as quick as this loop.
                var sent = number + 1;
                Awaitility.await("readers")
                        .atMost(PATIENCE)
                        .pollInterval(Duration.ofMillis(5))
                        .until(() -> readers.stream().allMatch(reader -> reader.heard.size() >= sent));
            }
        }

        var all = IntStream.range(0, MANY).mapToObj(number -> LARGE + number).toList();
        for (var reader : readers) {
            reader.thread.join(PATIENCE);
            assertThat(reader.heard).containsExactlyElementsOf(all);
        }
        var refusal = catchThrowableOfType(StatusRuntimeException.class, () -> stuck.forEachRemaining(_ -> {}));
        assertThat(refusal.getStatus().getCode()).isEqualTo(Code.RESOURCE_EXHAUSTED);
    }

    /** Takes events as they come. */
    private static final class Reader {
        private final List<String> heard = Collections.synchronizedList(new ArrayList<>());
        private final Thread thread;

        Reader(Iterator<ContainerEventResponse> told) {
            thread = Thread.ofVirtual().start(() -> {
                while (heard.size() < MANY) {
                    heard.add(told.next().getContainerId());
                }
            });
        }
    }

    @Test
    void theDaemonsEndIsSaid() {
        var told = subscribe();
        events.close();

        var refusal = catchThrowableOfType(StatusRuntimeException.class, told::hasNext);
        assertThat(refusal.getStatus().getCode()).isEqualTo(Code.UNAVAILABLE);
    }

    private Iterator<ContainerEventResponse> subscribe() {
        return subscribe(server.channel);
    }

    /** Returns when the headers are there. */
    private static Iterator<ContainerEventResponse> subscribe(ManagedChannel client) {
        var headers = new AtomicReference<Metadata>();
        var told = RuntimeServiceGrpc.newBlockingStub(client)
                .withInterceptors(MetadataUtils.newCaptureMetadataInterceptor(headers, new AtomicReference<>()))
                .withDeadlineAfter(60, TimeUnit.SECONDS)
                .getContainerEvents(GetEventsRequest.getDefaultInstance());
        Awaitility.await("headers").until(() -> headers.get() != null);
        return told;
    }
}
