package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;

import io.grpc.stub.ServerCallStreamObserver;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

@Tag("T49")
class ReplyMemoryTest {
    private static final int HALF = (int) (ReplyMemory.MOST_BYTES / 2);

    private final ReplyMemory memory = new ReplyMemory();
    private final Call call = new Call();

    /** A call that ends when the test says so. */
    private static final class Call extends ServerCallStreamObserver<String> {
        private Optional<Runnable> onClose = Optional.empty();
        private Optional<Runnable> onCancel = Optional.empty();

        @Override
        public void setOnCloseHandler(Runnable handler) {
            onClose = Optional.of(handler);
        }

        @Override
        public void setOnCancelHandler(Runnable handler) {
            onCancel = Optional.of(handler);
        }

        @Override
        public boolean isCancelled() {
            return false;
        }

        @Override
        public void setCompression(String compression) {}

        @Override
        public boolean isReady() {
            return true;
        }

        @Override
        public void setOnReadyHandler(Runnable handler) {}

        @Override
        public void request(int count) {}

        @Override
        public void setMessageCompression(boolean enable) {}

        @Override
        public void disableAutoInboundFlowControl() {}

        @Override
        public void onNext(String value) {}

        @Override
        public void onError(Throwable problem) {}

        @Override
        public void onCompleted() {}
    }

    @Test
    void isSharedByAllAndHasAnEnd() {
        var first = memory.hold(call);
        var second = memory.hold(new Call());

        assertThat(first.grow(HALF)).isTrue();
        assertThat(second.grow(HALF)).isTrue();
        assertThat(second.grow(1)).isFalse();
        assertThat(memory.usedBytes()).isEqualTo(ReplyMemory.MOST_BYTES);
    }

    @Test
    void isFreeAgainOnceTheReplyIsSent() {
        try (var held = memory.hold(call)) {
            held.grow(HALF);
        }
        assertThat(memory.usedBytes()).isEqualTo(HALF);

        call.onClose.orElseThrow().run();

        assertThat(memory.usedBytes()).isZero();
    }

    @Test
    void isKeptForAsLongAsACancelledCallStillReads() {
        var held = memory.hold(call);
        held.grow(HALF);
        call.onCancel.orElseThrow().run();
        assertThat(memory.usedBytes()).isEqualTo(HALF);

        held.close();
        held.close();

        assertThat(memory.usedBytes()).isZero();
    }
}
