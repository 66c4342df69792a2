package io.keelson.server.watch;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.linux.TerminalSize;
import io.keelson.server.rpc.NodeClient.Event;
import io.keelson.server.rpc.NodeClient.Usage;
import io.keelson.server.text.Ink;
import io.keelson.server.watch.View.Order;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class WatchTest {
    private static final Event END = new Event(
            Instant.ofEpochSecond(1, 234_567_890),
            "stopped",
            false,
            "ab".repeat(32),
            "default/web",
            "app",
            "exit code 137, OOMKilled");

    @Test
    void anEventIsOneLine() {
        assertThat(EventsCommand.line(END, Ink.PLAIN))
                .isEqualTo("1970-01-01T00:00:01.234Z  stopped  container  abababababab  default/web app: "
                        + "exit code 137, OOMKilled");
        assertThat(EventsCommand.line(END, new Ink(true))).contains("\u001b[31mstopped\u001b[0m");
        assertThat(EventsCommand.json(END))
                .isEqualTo(
                        "{\"at\":\"1970-01-01T00:00:01.234567890Z\",\"what\":\"stopped\",\"kind\":\"container\",\"id\":\""
                                + "ab".repeat(32)
                                + "\",\"pod\":\"default/web\",\"container\":\"app\",\"detail\":\"exit code 137, OOMKilled\"}");
    }

    @Test
    void theScreenHasTheFirstOfAnOrderAndNoMoreThanFit() {
        var usage = List.of(
                new Usage("1".repeat(64), "a/small", "", 500_000_000, 1 << 20, 3),
                new Usage("2".repeat(64), "a/large", "app", 1_500_000_000, 2 << 20, 0),
                new Usage("3".repeat(64), "a/idle", "", 0, 3 << 20, 1));

        assertThat(TopCommand.screen(usage, View.of(Order.CPU), new TerminalSize(80, 4))
                        .lines())
                .containsExactly(
                        "POD      CONTAINER  ID            CPU    MEMORY   PROCESSES",
                        "a/large  app        222222222222  1.500  2.0 MiB  -",
                        "a/small  -          111111111111  0.500  1.0 MiB  3");
        assertThat(TopCommand.screen(usage, View.of(Order.MEMORY), new TerminalSize(80, 3)))
                .contains("a/idle")
                .doesNotContain("a/large");
        assertThat(TopCommand.screen(usage, View.of(Order.NAME), new TerminalSize(80, 100)))
                .containsSubsequence("a/idle", "a/large", "a/small");
        assertThat(TopCommand.screen(usage, View.of(Order.NAME), new TerminalSize(20, 24))
                        .lines())
                .as("nothing goes on in the next line")
                .hasSize(4)
                .allMatch(line -> line.length() <= 20);
    }

    @Test
    void keysChangeTheOrderAndReverseIt() {
        var small = new Usage("1".repeat(64), "a/small", "", 5, 1 << 20, 3);
        var large = new Usage("2".repeat(64), "b/large", "", 7, 2 << 20, 1);
        var view = View.of(Order.CPU);

        assertThat(sorted(view, small, large)).containsExactly(large, small);
        assertThat(sorted(view.after('p'), small, large)).containsExactly(small, large);
        assertThat(sorted(view.after('N'), small, large)).containsExactly(small, large);
        assertThat(sorted(view.after('m').after('r'), small, large)).containsExactly(small, large);
        assertThat(view.after('m').after('r').after('r')).isEqualTo(view.after('m'));
        assertThat(view.after('r').after('c')).as("a key begins anew").isEqualTo(view);
        assertThat(view.after('x')).isEqualTo(view);
        assertThat(view.after('n').after('r').legend()).startsWith("sorted by name, reversed: c cpu, m memory");
        assertThat(View.isEnd('q')).isTrue();
        assertThat(View.isEnd('r')).isFalse();
    }

    private static List<Usage> sorted(View view, Usage... usage) {
        return Stream.of(usage).sorted(view.comparator()).toList();
    }
}
