package io.keelson.server.images;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.List;
import org.junit.jupiter.api.Test;

class PullBarTest {
    private static Json.Obj pull(Json.Obj... layers) {
        return Json.object()
                .put("running", true)
                .putAll("layers", List.of(layers))
                .build();
    }

    private static Json.Obj coming(long received, long all) {
        return Json.object()
                .put("blobBytes", all)
                .put("receivedBytes", received)
                .build();
    }

    private static Json.Obj ready(long all) {
        return Json.object().put("blobBytes", all).put("origin", "pulled").build();
    }

    @Test
    void saysHowMuchIsHereOfWhatIsKnown() {
        assertThat(PullBar.of(List.of())).isEmpty();
        assertThat(PullBar.of(List.of(pull()))).isEqualTo("asking for the manifest");
        assertThat(PullBar.of(List.of(pull(coming(0, 3 << 20), ready(1 << 20)))))
                .isEqualTo("[=======                       ] 25 % of 4.0 MiB, 1 of 2 layers ready");
        assertThat(PullBar.of(List.of(pull(coming(9, 4), ready(4)))))
                .as("asked for twice")
                .startsWith("[==============================] 100 %");
        assertThat(PullBar.of(List.of(pull(ready(0))))).contains("] 0 % of 0 B, 1 of 1");
    }
}
