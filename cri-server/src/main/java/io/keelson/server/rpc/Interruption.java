package io.keelson.server.rpc;

import com.google.common.util.concurrent.MoreExecutors;
import io.grpc.Context;

/** Interrupts the thread that made it when the call is cancelled or its deadline passes, until it is closed; never afterwards. */
final class Interruption implements AutoCloseable, Context.CancellationListener {
    private final Thread worker = Thread.currentThread();
    private final Context context;
    private boolean isOver;

    Interruption(Context context) {
        this.context = context;
        context.addListener(this, MoreExecutors.directExecutor());
    }

    @Override
    public synchronized void cancelled(Context cancelled) {
        if (!isOver) {
            worker.interrupt();
        }
    }

    @Override
    public void close() {
        synchronized (this) {
            isOver = true;
        }
        context.removeListener(this);
        // The thread goes on to send the reply; an interrupt that came last must not stop that.
        Thread.interrupted();
    }
}
