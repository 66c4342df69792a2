package io.keelson.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.lifecycle.Forks;
import io.keelson.host.lifecycle.SingleFlight;
import io.keelson.host.lifecycle.WorkListener.Kind;
import io.keelson.host.lifecycle.WorkListener.Work;
import io.opentelemetry.api.trace.StatusCode;
import io.opentelemetry.api.trace.Tracer;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.CountDownLatch;
import org.junit.jupiter.api.Test;

class TracedWorkTest {
    private static final Work PULL = new Work(Kind.PULL, "registry.example/a", "pull");

    private final RecordedSpans recorded = new RecordedSpans();
    private final Tracer tracer =
            SdkTracerProvider.builder().addSpanProcessor(recorded).build().get("test");
    private final Trail trail = new Trail();
    private final TracedWork work = new TracedWork(tracer, trail);

    private Branch call(String name) {
        return new Branch(tracer.spanBuilder(name).startSpan());
    }

    @Test
    void workBelongsToWhatItIsDoneFor() {
        var call = call("call");
        trail.within(call, () -> {
            work.step("p", "start pod", () -> {
                work.around(new Work(Kind.PLUGIN, "bridge", "ADD"), () -> {});
            });
            work.around(new Work(Kind.RUNTIME, "crun", "start"), () -> {});
        });
        call.end();
        assertThat(parentOf("plugin bridge ADD")).isEqualTo("start pod");
        assertThat(parentOf("start pod")).isEqualTo("call");
        assertThat(parentOf("runtime crun start")).isEqualTo("call");
        assertThat(trail.current()).isSameAs(Branch.NONE);
    }

    @Test
    void workOnOtherThreadsBelongsToThoseWhoBeganIt() {
        var call = call("call");
        trail.within(call, () -> {
            new SingleFlight<String, String>()
                    .run(
                            "key",
                            () -> work.step("i", "layers", () -> {
                                List<Callable<String>> layers = List.of(() -> work.step("l", "layer", () -> "done"));
                                return Forks.join(layers).getFirst();
                            }));
        });
        call.end();
        assertThat(parentOf("layer")).isEqualTo("layers");
        assertThat(parentOf("layers")).isEqualTo("call");
    }

    @Test
    void whatIsDoneForNoCallOrAfterItIsNotTraced() throws Exception {
        work.step("p", "upkeep", () -> {});
        var call = call("call");
        var ended = new CountDownLatch(1);
        var threads = new Thread[1];
        trail.within(
                call,
                () -> threads[0] = Thread.ofVirtual().start(() -> {
                    awaitQuietly(ended);
                    work.step("c", "delete", () -> {});
                }));
        call.end();
        ended.countDown();
        threads[0].join();
        assertThat(recorded.all()).extracting(span -> span.getName()).containsExactly("call");
    }

    @Test
    void whoWaitsForTheWorkOfAnotherHasALinkToIt() {
        var first = call("first");
        var second = call("second");
        trail.within(first, () -> work.around(PULL, () -> trail.within(second, () -> work.joined(PULL))));
        trail.within(second, () -> work.joined(PULL));
        first.end();
        second.end();
        assertThat(recorded.named("second").getLinks())
                .singleElement()
                .satisfies(link -> assertThat(link.getSpanContext())
                        .isEqualTo(recorded.named("pull").getSpanContext()));
    }

    @Test
    void aFailureIsSaid() {
        trail.within(
                call("call"),
                () -> assertThatThrownBy(() -> work.around(PULL, () -> {
                            throw Failure.absent("no such image");
                        }))
                        .isInstanceOf(Failure.class));
        assertThat(recorded.named("pull").getStatus().getStatusCode()).isEqualTo(StatusCode.ERROR);
        assertThat(recorded.named("pull").getStatus().getDescription()).isEqualTo("no such image");
    }

    private static void awaitQuietly(CountDownLatch latch) {
        try {
            latch.await();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private String parentOf(String name) {
        var above = recorded.named(name).getParentSpanId();
        return recorded.all().stream()
                .filter(span -> span.getSpanId().equals(above))
                .findFirst()
                .orElseThrow()
                .getName();
    }
}
