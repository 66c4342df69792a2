package io.keelson.pod.stats;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.pod.stats.InterfaceUsage.Traffic;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class NetworkReaderTest {
    private static final String TEXT = """
        Inter-|   Receive                                                |  Transmit
         face |bytes    packets errs drop fifo frame compressed multicast|bytes    packets errs drop fifo colls carrier compressed
            lo:     100       2    0    0    0     0          0         0      100       2    0    0    0     0       0          0
          eth0:18446744073709551615  12    3    0    0     0          0         0     2048      16    5    0    0     0       0          0
        """;

    @Test
    void readsTheTrafficOfAllButLoopback() {
        assertThat(NetworkReader.parse(TEXT))
                .containsExactly(new InterfaceUsage("eth0", new Traffic(-1, 12, 3, 0), new Traffic(2048, 16, 5, 0)));
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "one line\n", "two\nlines", "two\nlines\n", "two\nlines\n  lo: 1 2 3\n"})
    void whatHasNoOtherInterfaceIsNothing(String text) {
        assertThat(NetworkReader.parse(text)).isEmpty();
    }

    @Test
    void aNamespaceThatIsGoneHasNoInterfaces() {
        assertThat(NetworkReader.read(List.of(Path.of("/nowhere/net"), Path.of("/nowhere/else"))))
                .containsExactly(List.of(), List.of());
    }

    @Test
    void noNamespacesNeedNoThread() {
        assertThat(NetworkReader.read(List.of())).isEmpty();
    }
}
