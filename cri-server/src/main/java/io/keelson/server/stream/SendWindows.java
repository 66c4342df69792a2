package io.keelson.server.stream;

import java.io.IOException;
import java.util.HashSet;
import java.util.Set;

/**
 * How much a client lets us send: for each stream, and for all of them together (SPDY 3.1, section 2.6.8).
 *
 * <p>The Go library of Kubernetes' clients never widens a window and expects that none is observed; waiting for it would end every
 * stream after 64 KiB. So the windows are counted from the start, but hold us back only once a client has spoken of them: from its
 * first WINDOW_UPDATE, or its first SETTINGS with a window.
 */
final class SendWindows {
    static final int INITIAL_BYTES = 64 << 10;
    static final int LARGEST_BYTES = Integer.MAX_VALUE;

    /** One stream's. */
    final class Window {
        private long left = initial;
        private boolean isClosed;

        /**
         * Waits until something may be sent.
         *
         * @return how much of what is wanted
         */
        int take(int wanted) throws IOException {
            synchronized (SendWindows.this) {
                try {
                    while (areObserved && !isClosed && Math.min(left, session) <= 0) {
                        SendWindows.this.wait();
                    }
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                    throw new IOException("interrupted", e);
                }
                if (isClosed) {
                    throw new IOException("the client is gone");
                }
                var granted = areObserved ? (int) Math.min(wanted, Math.min(left, session)) : wanted;
                left -= granted;
                session -= granted;
                return granted;
            }
        }

        /** False if it would be wider than a window can be. */
        boolean widen(int bytes) {
            synchronized (SendWindows.this) {
                areObserved = true;
                left += bytes;
                SendWindows.this.notifyAll();
                return left <= LARGEST_BYTES;
            }
        }

        void close() {
            synchronized (SendWindows.this) {
                isClosed = true;
                open.remove(this);
                SendWindows.this.notifyAll();
            }
        }
    }

    private final Set<Window> open = new HashSet<>();
    private boolean areObserved;
    private long session = INITIAL_BYTES;
    private long initial = INITIAL_BYTES;

    synchronized Window open() {
        var window = new Window();
        open.add(window);
        return window;
    }

    /** False if it would be wider than a window can be. */
    synchronized boolean widenSession(int bytes) {
        areObserved = true;
        session += bytes;
        notifyAll();
        return session <= LARGEST_BYTES;
    }

    /** SETTINGS_INITIAL_WINDOW_SIZE: for streams to come, and by the difference for those that are open. */
    synchronized void setInitial(int bytes) {
        areObserved = true;
        for (var window : open) {
            window.left += bytes - initial;
        }
        initial = bytes;
        notifyAll();
    }
}
