package io.keelson.server.rpc;

import io.grpc.StatusRuntimeException;
import io.keelson.proto.RuntimeCondition;
import io.keelson.proto.RuntimeServiceGrpc;
import io.keelson.proto.StatusRequest;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;

/** Whether the daemon answers: asked as kubelet asks, by a call on the CRI socket. */
public final class Health implements AutoCloseable {
    private static final Duration PATIENCE = Duration.ofSeconds(5);

    /** What pods need; other conditions are advice. */
    private static final List<String> NEEDED = List.of("RuntimeReady", "NetworkReady");

    private final LocalChannel channel;

    public Health(Path socket) {
        channel = new LocalChannel(socket);
    }

    /** Why it does not answer; empty if it does. */
    public Optional<String> healthz() {
        return asked(List.of());
    }

    /** Why it does not answer, or why pods cannot be run; empty if they can. */
    public Optional<String> readyz() {
        return asked(NEEDED);
    }

    private Optional<String> asked(List<String> needed) {
        try {
            var trouble = RuntimeServiceGrpc.newBlockingStub(channel.channel())
                    .withDeadlineAfter(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)
                    .status(StatusRequest.getDefaultInstance())
                    .getStatus()
                    .getConditionsList()
                    .stream()
                    .filter(condition -> !condition.getStatus() && needed.contains(condition.getType()))
                    .map(Health::told)
                    .collect(Collectors.joining("\n"));
            return Optional.of(trouble).filter(text -> !text.isEmpty());
        } catch (StatusRuntimeException e) {
            return Optional.of("Status does not answer: " + e.getStatus().getCode());
        }
    }

    private static String told(RuntimeCondition condition) {
        return condition.getType() + ": " + condition.getMessage();
    }

    @Override
    public void close() {
        channel.close();
    }
}
