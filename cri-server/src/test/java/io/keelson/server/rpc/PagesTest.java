package io.keelson.server.rpc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.google.common.collect.ImmutableList;
import io.keelson.host.failure.Failure;
import io.keelson.proto.PodSandbox;
import java.util.List;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

class PagesTest {
    @Test
    void fillsEachPageAndLosesNothing() {
        var pages = pages(Stream.generate(() -> item(1000)).limit(1000));

        assertThat(pages.stream().mapToInt(List::size).sum()).isEqualTo(1000);
        assertThat(pages).allSatisfy(page -> assertThat(bytes(page)).isLessThanOrEqualTo(Pages.PAGE_BYTES));
        assertThat(pages.subList(0, pages.size() - 1))
                .allSatisfy(page -> assertThat(bytes(page)).isGreaterThan(Pages.PAGE_BYTES - 2000));
    }

    @Test
    void anItemThatFitsNowhereHasAPageOfItsOwn() {
        var pages = pages(Stream.of(item(10), item(Pages.PAGE_BYTES), item(10)));

        assertThat(pages).extracting(List::size).containsExactly(1, 1, 1);
    }

    @Test
    void aListThatNobodyTakesIsNotMade() {
        var made = IntStream.range(0, 100).mapToObj(number -> {
            assertThat(number).isLessThan(17);
            return item(1 << 20);
        });

        assertThatThrownBy(() -> Pages.whole(made, "StreamPodSandboxes"))
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.EXHAUSTED))
                .hasMessageContaining("StreamPodSandboxes");
    }

    private static List<List<PodSandbox>> pages(Stream<PodSandbox> items) {
        return ImmutableList.copyOf(Pages.of(items, List::copyOf));
    }

    private static int bytes(List<PodSandbox> page) {
        return page.stream().mapToInt(PodSandbox::getSerializedSize).sum();
    }

    private static PodSandbox item(int bytes) {
        return PodSandbox.newBuilder().setId("x".repeat(bytes)).build();
    }
}
