package io.keelson.host.linux;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class TerminalSizeIT {
    @Test
    void isWhatTheTerminalWasGivenLast() {
        try (var terminal = PseudoTerminal.open()) {
            assertThat(TerminalSize.of(terminal.master().number()))
                    .as("nobody has said")
                    .isEmpty();
            PseudoTerminal.resize(terminal.master(), 132, 43);
            assertThat(TerminalSize.of(terminal.master().number())).contains(new TerminalSize(132, 43));
        }
        assertThat(TerminalSize.of(-1)).as("no terminal").isEmpty();
    }
}
