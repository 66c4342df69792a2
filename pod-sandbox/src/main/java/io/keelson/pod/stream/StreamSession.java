package io.keelson.pod.stream;

import java.io.InputStream;
import java.io.OutputStream;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Somebody who talks with a container: the other end of its streams, as far as they were asked for. Reading and writing block, and
 * fail with an IOException once nobody is there any more.
 */
public interface StreamSession {
    /** What is typed; its end is the end of the container's input. */
    Optional<InputStream> stdin();

    Optional<OutputStream> stdout();

    /** Absent with a terminal, where all output is one stream. */
    Optional<OutputStream> stderr();

    /** Told of the terminal's size, the last one known at once, and each change; on any thread. */
    void onResize(Consumer<TerminalSize> listener);

    /** Run when nobody is there any more; at once if that is so. */
    void onGone(Runnable action);
}
