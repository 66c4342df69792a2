package io.keelson.server.text;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Map;
import org.junit.jupiter.api.Test;

class InkTest {
    private static final Map<String, String> TERMINAL = Map.of("TERM", "xterm");

    @Test
    void thereAreColoursAtATerminalAloneAndNotAgainstAnybodysWish() {
        assertThat(Ink.of(TERMINAL, true).isColoured()).isTrue();
        assertThat(Ink.of(TERMINAL, false).isColoured()).as("a pipe").isFalse();
        assertThat(Ink.of(Map.of("TERM", "xterm", "NO_COLOR", "1"), true).isColoured())
                .isFalse();
        assertThat(Ink.of(Map.of("TERM", "xterm", "NO_COLOR", ""), true).isColoured())
                .as("set to nothing is not set")
                .isTrue();
        assertThat(Ink.of(Map.of("TERM", "dumb"), true).isColoured()).isFalse();
        assertThat(Ink.of(Map.of(), true).isColoured()).isFalse();
    }

    @Test
    void colourEndsWhereTheTextDoes() {
        assertThat(new Ink(true).bad("x")).isEqualTo("\u001b[31mx\u001b[0m");
        assertThat(new Ink(true).bad("")).isEmpty();
        assertThat(Ink.PLAIN.strong("x")).isEqualTo("x");
    }
}
