package io.keelson.server.tracing;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.sdk.common.CompletableResultCode;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.data.SpanData;
import io.opentelemetry.sdk.trace.export.SpanExporter;
import java.time.Duration;
import java.util.Collection;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class SpanSenderTest {
    /** Answers as it is told. */
    private record Exporter(CompletableResultCode answer, AtomicInteger seen) implements SpanExporter {
        Exporter(CompletableResultCode answer) {
            this(answer, new AtomicInteger());
        }

        @Override
        public CompletableResultCode export(Collection<SpanData> spans) {
            seen.addAndGet(spans.size());
            return answer;
        }

        @Override
        public CompletableResultCode flush() {
            return CompletableResultCode.ofSuccess();
        }

        @Override
        public CompletableResultCode shutdown() {
            return CompletableResultCode.ofSuccess();
        }
    }

    private static void end(SpanSender sender, int spans) {
        var tracer =
                SdkTracerProvider.builder().addSpanProcessor(sender).build().get("test");
        for (var i = 0; i < spans; i++) {
            tracer.spanBuilder("s").startSpan().end();
        }
    }

    @Test
    void theLastSpansAreSentAtTheEnd() {
        var exporter = new Exporter(CompletableResultCode.ofSuccess());
        var sender = SpanSender.start(exporter, () -> {}, _ -> {});
        end(sender, 600);
        sender.end(Duration.ofMinutes(1));
        assertThat(exporter.seen()).hasValue(600);
        assertThat(sender.sent()).isEqualTo(600);
        assertThat(sender.lost()).isZero();
    }

    @Test
    void spansThatArePassedToNobodyAreLostAndCounted() {
        var sender = SpanSender.start(new Exporter(CompletableResultCode.ofFailure()), () -> {}, _ -> {});
        end(sender, 3);
        sender.end(Duration.ofMinutes(1));
        assertThat(sender.sent()).isZero();
        assertThat(sender.lost()).isEqualTo(3);
    }

    @Test
    void whoeverEndsASpanDoesNotWaitForACollectorThatIsSilent() {
        var exporter = new Exporter(new CompletableResultCode());
        var sender = SpanSender.start(exporter, () -> {}, _ -> {});
        end(sender, 10_000);
        // What waits has a limit, and what is being sent another.
        assertThat(sender.lost()).isBetween(10_000L - 2048 - 512, 10_000L - 2048);
        sender.end(Duration.ofMillis(1));
        assertThat(sender.sent()).isZero();
    }
}
