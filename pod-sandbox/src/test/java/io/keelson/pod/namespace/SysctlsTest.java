package io.keelson.pod.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SysctlsTest {
    private static void refused(String name, String value, boolean ownsNetwork, boolean ownsIpc) {
        assertThatThrownBy(() -> Sysctls.check(Map.of(name, value), ownsNetwork, ownsIpc))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    @ParameterizedTest
    @Tag("T01")
    @ValueSource(
            strings = {
                "net.ipv4.ip_local_port_range+kernel.core_pattern",
                "net.ipv4.ip_local_port_range=1 kernel.core_pattern",
                "net.core.somaxconn\nkernel.core_pattern",
                "net.core.somaxconn\0",
                "net.core.somaxconn ",
                "net/../kernel/core_pattern",
                "net.../kernel/core_pattern",
                "net/..",
                "net/./core/somaxconn",
                "net//core",
                "net.",
                "/net/core/somaxconn",
                "fs.mqueue+kernel.core_pattern"
            })
    void aNameIsOneNameAndLeadsNowhereElse(String name) {
        refused(name, "1", true, true);
    }

    @ParameterizedTest
    @Tag("T01")
    @ValueSource(strings = {"1024 65000\nkernel.core_pattern=|/x", "1\r", "1\0", "\u001b[2J"})
    void aValueIsOneLine(String value) {
        refused("net.ipv4.ip_local_port_range", value, true, true);
    }

    @Test
    @Tag("T01")
    void aNameWithSlashesIsThePathBelowProcSysAndOneWithDotsIsItsWords() {
        assertThat(Sysctls.segments("net/ipv4/conf/eth0.1/forwarding"))
                .containsExactly("net", "ipv4", "conf", "eth0.1", "forwarding");
        assertThat(Sysctls.segments("net.ipv4.ip_forward")).containsExactly("net", "ipv4", "ip_forward");
    }

    @ParameterizedTest
    @Tag("T02")
    @CsvSource({
        "net.core.somaxconn, false, true",
        "net.ipv4.ip_forward, false, true",
        "net/ipv4/ip_forward, false, true",
        "kernel.shmmax, true, false",
        "kernel.sem, true, false",
        "kernel.msgmax, true, false",
        "fs.mqueue.msg_max, true, false",
        "fs/mqueue/queues_max, true, false"
    })
    void whatThePodSharesWithTheHostIsTheHosts(String name, boolean ownsNetwork, boolean ownsIpc) {
        refused(name, "1", ownsNetwork, ownsIpc);
        assertThatCode(() -> Sysctls.check(Map.of(name, "1"), true, true)).doesNotThrowAnyException();
    }

    @ParameterizedTest
    @Tag("T02")
    @ValueSource(
            strings = {
                "kernel.panic",
                "kernel.core_pattern",
                "kernel.shmmax.x",
                "kernel.pid_max",
                "vm.swappiness",
                "fs.file-max",
                "user.max_user_namespaces",
                "dev.cdrom.debug",
                "abi.vsyscall32"
            })
    void whatBelongsToNoNamespaceIsTheHosts(String name) {
        refused(name, "1", true, true);
    }
}
