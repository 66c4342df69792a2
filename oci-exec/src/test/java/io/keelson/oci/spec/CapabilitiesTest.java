package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.List;
import org.junit.jupiter.api.Test;

class CapabilitiesTest {
    private static final Capabilities ALL = new Capabilities((1L << 41) - 1);

    @Test
    void aRequestForNothingGivesTheDefaultSet() {
        assertThat(granted(List.of(), List.of()))
                .containsExactlyInAnyOrderElementsOf(Capabilities.DEFAULT)
                .hasSize(14);
    }

    @Test
    void namesComeWithAndWithoutTheirPrefixInAnyCase() {
        assertThat(granted(List.of("net_admin", "CAP_SYS_TIME"), List.of("cap_chown")))
                .contains("CAP_NET_ADMIN", "CAP_SYS_TIME")
                .doesNotContain("CAP_CHOWN");
    }

    @Test
    void aNameBeatsAll() {
        assertThat(granted(List.of("CHOWN"), List.of("ALL"))).containsExactly("CAP_CHOWN");
        assertThat(granted(List.of("ALL"), List.of("CHOWN")))
                .hasSize(ALL.all().granted().size() - 1)
                .doesNotContain("CAP_CHOWN");
    }

    @Test
    void whatIsAddedAndDroppedIsDropped() {
        assertThat(granted(List.of("SYS_ADMIN"), List.of("SYS_ADMIN"))).doesNotContain("CAP_SYS_ADMIN");
    }

    @Test
    void allAddedAndDroppedIsNothing() {
        assertThat(granted(List.of("ALL"), List.of("ALL"))).isEmpty();
        assertThat(granted(List.of("ALL", "CHOWN"), List.of("ALL"))).containsExactly("CAP_CHOWN");
    }

    @Test
    void anUnknownNameIsRefused() {
        assertThatThrownBy(() -> granted(List.of("CAP_EVERYTHING"), List.of()))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("CAP_EVERYTHING");
    }

    private static List<String> granted(List<String> add, List<String> drop) {
        return ALL.merge(add, drop, List.of()).granted();
    }
}
