package io.keelson.e2e.bench;

import java.io.PrintStream;

/** One line on a terminal that says what is being done; nothing elsewhere. */
final class Progress {
    private static final String ERASE_LINE = "\r\033[K";

    private final PrintStream terminal;
    private final boolean isShown;

    Progress(PrintStream terminal, boolean isShown) {
        this.terminal = terminal;
        this.isShown = isShown;
    }

    void now(String what) {
        if (isShown) {
            terminal.print(ERASE_LINE + what);
            terminal.flush();
        }
    }

    void done() {
        if (isShown) {
            terminal.print(ERASE_LINE);
            terminal.flush();
        }
    }
}
