package io.keelson.server.explain;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.server.text.Ink;
import java.io.PrintWriter;
import java.io.StringWriter;
import org.junit.jupiter.api.Test;

class WaterfallTest {
    private final Waterfall waterfall = new Waterfall();

    @Test
    void thePathIsWhatEndedLastBeforeWhatCameAfterIt() {
        waterfall.step("network", 0, 30_000);
        waterfall.step("beside it", 1_000, 10_000);
        waterfall.step("files", 30_000, 5_000);
        waterfall.part("portmap", 20_000, 10_000);
        waterfall.step("create", 100_000, 50_000);

        assertThat(waterfall.criticalPath())
                .extracting(Waterfall.Bar::name)
                .containsExactly("network", "files", "create");
        assertThat(printed())
                .contains("network*   0.0 ms    30.0 ms")
                .contains("  portmap  20.0 ms   10.0 ms")
                .contains("critical path: network 30.0 ms, files 5.0 ms, create 50.0 ms; "
                        + "65.0 ms of 150.0 ms between them, waiting for the next call");
    }

    @Test
    void aStepOfNoTimeEndsThePathOnce() {
        waterfall.step("one", 0, 0);
        waterfall.step("two", 0, 0);

        assertThat(waterfall.criticalPath()).hasSize(2);
    }

    @Test
    void nothingIsNoTrouble() {
        assertThat(printed()).contains("critical path: ;");
    }

    private String printed() {
        var out = new StringWriter();
        waterfall.print(new PrintWriter(out), Ink.PLAIN);
        return out.toString();
    }
}
