package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;

class ContainerNodeTest {
    @Test
    void knowsAllCapabilitiesOfTheKernelAndNotJustThoseOfAFirstDigit() {
        var node = ContainerNode.current(false);

        assertThat(node.capabilities().all().granted()).contains("CAP_CHOWN", "CAP_SYS_ADMIN", "CAP_AUDIT_READ");
    }
}
