package io.keelson.server.rpc;

import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.keelson.host.process.OutputShare;
import io.keelson.oci.runtime.ExecRequest;

/**
 * What the outputs of commands may take in memory, from when they are read until their replies are sent: as much as one command that
 * fills both of its streams. Where many print much at once, some of them are cut off earlier than their limit (CVE-2022-1708).
 */
final class ReplyMemory {
    static final long MOST_BYTES = 2L * ExecRequest.OUTPUT_LIMIT_BYTES;

    private long usedBytes;

    /** A share for one call. It ends when the call is over and the share is closed, whichever comes last. */
    Held hold(StreamObserver<?> response) {
        var held = new Held();
        var call = (ServerCallStreamObserver<?>) response;
        call.setOnCloseHandler(held::callEnded);
        call.setOnCancelHandler(held::callEnded);
        return held;
    }

    /** Closed when nothing is read any more. */
    final class Held implements OutputShare, AutoCloseable {
        private long bytes;
        private boolean isRead;
        private boolean isSent;

        @Override
        public boolean grow(int more) {
            synchronized (ReplyMemory.this) {
                if (usedBytes + more > MOST_BYTES) {
                    return false;
                }
                usedBytes += more;
                bytes += more;
                return true;
            }
        }

        private void callEnded() {
            synchronized (ReplyMemory.this) {
                isSent = true;
                free();
            }
        }

        @Override
        public void close() {
            synchronized (ReplyMemory.this) {
                isRead = true;
                free();
            }
        }

        private void free() {
            if (isRead && isSent) {
                usedBytes -= bytes;
                bytes = 0;
            }
        }
    }

    synchronized long usedBytes() {
        return usedBytes;
    }
}
