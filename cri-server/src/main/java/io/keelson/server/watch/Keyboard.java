package io.keelson.server.watch;

import io.keelson.host.lifecycle.Deadline;
import io.keelson.host.linux.TerminalKeys;
import io.keelson.server.text.ProgressLine;
import java.util.Optional;
import java.util.OptionalInt;

/** Keys that are pressed while something is shown, where somebody can press them. However the process ends, the terminal is as before. */
final class Keyboard implements AutoCloseable {
    private final Optional<TerminalKeys> keys;

    private Keyboard(Optional<TerminalKeys> keys) {
        this.keys = keys;
    }

    static Keyboard open() {
        var keys = ProgressLine.isPossible() ? TerminalKeys.open() : Optional.<TerminalKeys>empty();
        // A signal ends the process without a word to the thread that waits for a key.
        keys.ifPresent(each -> Runtime.getRuntime().addShutdownHook(new Thread(each::restore, "terminal")));
        return new Keyboard(keys);
    }

    boolean isThere() {
        return keys.isPresent();
    }

    /** Absent when it is time; without a keyboard not before. */
    OptionalInt press(Deadline deadline) throws InterruptedException {
        if (keys.isPresent()) {
            return keys.get().press(deadline);
        }
        Thread.sleep(deadline.remaining());
        return OptionalInt.empty();
    }

    @Override
    public void close() {
        keys.ifPresent(TerminalKeys::close);
    }
}
