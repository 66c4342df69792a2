package io.keelson.pod;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatCode;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;
import org.junit.jupiter.params.provider.ValueSource;

class PodSpecCheckTest {
    private static final PodSpec GOOD = FakeNode.spec("web");

    @Test
    void anOrdinaryPodPasses() {
        passes(GOOD);
        passes(but(draft -> {
            draft.hostname = "";
            draft.logDirectory = "";
            draft.cgroupParent = "kubepods-burstable-pod1.slice";
            draft.sysctls = Map.of("net.ipv4.ping_group_range", "0\t0");
        }));
        passes(but(draft -> {
            draft.hostname = "h".repeat(64);
            draft.logDirectory = "/";
            draft.cgroupParent = "/kubepods/burstable/pod1";
        }));
    }

    @ParameterizedTest
    @Tag("T05")
    @ValueSource(strings = {"", ".", "..", "a/b", "../x", "a b", "a\nb", "a\0", "-a", "\u00e4", "a;b", "a=b"})
    void namesArePlain(String name) {
        refused(but(draft -> draft.metadata = new PodMetadata(name, "default", "uid", 0)), "name");
        refused(but(draft -> draft.metadata = new PodMetadata("web", name, "uid", 0)), "namespace");
        refused(but(draft -> draft.metadata = new PodMetadata("web", "default", name, 0)), "uid");
    }

    @Test
    @Tag("T05")
    void namesAreOfAtMost253Characters() {
        passes(but(draft -> draft.metadata = new PodMetadata("n".repeat(253), "default", "uid", 0)));
        refused(but(draft -> draft.metadata = new PodMetadata("n".repeat(254), "default", "uid", 0)), "name");
    }

    @ParameterizedTest
    @Tag("T05")
    @ValueSource(
            strings = {
                "a\n127.0.0.1 bank",
                "a b",
                "a\0",
                "\u00e4",
                "01234567890123456789012345678901234567890123456789012345678901234"
            })
    void aHostnameIsOneWordOfAtMost64Characters(String hostname) {
        refused(but(draft -> draft.hostname = hostname), "hostname");
    }

    @ParameterizedTest
    @Tag("T05")
    @ValueSource(strings = {"relative", "/a/../b", "/a/./b", "/a\nb", "/a\0"})
    void aLogDirectoryIsAPlainAbsolutePath(String directory) {
        refused(but(draft -> draft.logDirectory = directory), "log directory");
    }

    @Test
    void aLogDirectoryIsOfAtMost3072Bytes() {
        passes(but(draft -> draft.logDirectory = "/" + "\u00e4".repeat(1535) + "x"));
        refused(but(draft -> draft.logDirectory = "/" + "\u00e4".repeat(1536)), "log directory");
    }

    @ParameterizedTest
    @Tag("T20")
    @ValueSource(strings = {"/", "..", "/kubepods/../x", "/a//b", "a/", "/a\nb", "/a/.", " ", "/a b"})
    void aCgroupParentIsAPathOfPlainNames(String parent) {
        refused(but(draft -> draft.cgroupParent = parent), "cgroup parent");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "kernel.core_pattern",
                "kernel.modprobe",
                "kernel.hostname",
                "vm.overcommit_memory",
                "fs.protected_symlinks",
                "net/../kernel/core_pattern",
                "kernel/shm/rmid_forced",
                "kernel.shm_rmid_forced.x",
                "net",
                "net.",
                "net..x",
                "",
                "user.max_user_namespaces"
            })
    void sysctlsOfTheHostAreNotForPods(String name) {
        refused(but(draft -> draft.sysctls = Map.of(name, "1")), "sysctl");
    }

    @ParameterizedTest
    @ValueSource(strings = {"1+kernel.core_pattern=x\n", "a\0b", "1\r", "\u001b[2J"})
    void aSysctlsValueIsOneLine(String value) {
        refused(but(draft -> draft.sysctls = Map.of("net.ipv4.ip_forward", value)), "one line");
    }

    @Test
    @Tag("T02")
    void sysctlsBelongToNamespacesThatThePodHasOfItsOwn() {
        var shared =
                new NamespaceOptions(NamespaceMode.NODE, NamespaceMode.POD, NamespaceMode.NODE, "", Optional.empty());
        for (var name : List.of("net.ipv4.ip_forward", "kernel.shm_rmid_forced", "fs.mqueue.msg_max")) {
            var spec = but(draft -> draft.sysctls = Map.of(name, "1"));
            passes(spec);
            refused(PodSpecDraft.inNamespaces(spec, shared), "is the host's");
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"example.org\nnameserver 6.6.6.6", "two words", "", "a\0"})
    void whatDnsSaysIsOneWordEach(String word) {
        refused(dns(new DnsConfig(List.of(), List.of(word), List.of())), "DNS search domain");
        refused(dns(new DnsConfig(List.of(), List.of(), List.of(word))), "DNS option");
        refused(dns(new DnsConfig(List.of(word), List.of(), List.of())), "DNS server");
    }

    @Test
    void resolversAreToldNoMoreThanAnybodyNeeds() {
        var most = Collections.nCopies(100, "10.0.0.10");
        var long81 = Collections.nCopies(100, "d".repeat(81));
        var long82 = Collections.nCopies(100, "d".repeat(82));
        PodSpecCheck.check(dns(new DnsConfig(most, long81, long81)));
        refused(dns(new DnsConfig(Collections.nCopies(101, "10.0.0.10"), List.of(), List.of())), "101 DNS servers");
        refused(dns(new DnsConfig(List.of(), Collections.nCopies(101, "d"), List.of())), "101 DNS search domains");
        refused(dns(new DnsConfig(List.of(), List.of(), Collections.nCopies(101, "d"))), "101 DNS options");
        refused(dns(new DnsConfig(List.of(), long82, List.of())), "8200 characters");
        refused(dns(new DnsConfig(List.of(), List.of(), long82)), "8200 characters");
    }

    @Test
    void aDnsServerIsAnAddressAndNoName() {
        passes(dns(new DnsConfig(List.of("10.0.0.10", "fd00::10"), List.of("svc.cluster.local"), List.of("ndots:5"))));
        refused(dns(new DnsConfig(List.of("dns.example.org"), List.of(), List.of())), "dns.example.org");
    }

    @Test
    void aGroupAloneIsRefused() {
        var given = GOOD.security();
        refused(
                secured(new PodSecurity(
                        given.namespaces(),
                        given.selinux(),
                        OptionalLong.empty(),
                        OptionalLong.of(0),
                        false,
                        List.of(),
                        true,
                        false,
                        Optional.empty(),
                        Optional.empty())),
                "run_as_group");
    }

    @ParameterizedTest
    @EnumSource(
            value = NamespaceMode.class,
            names = {"CONTAINER", "TARGET"})
    void networkAndIpcAreThePodsOrTheNodes(NamespaceMode mode) {
        refused(namespaces(mode, NamespaceMode.POD, NamespaceMode.POD), "network");
        refused(namespaces(NamespaceMode.POD, NamespaceMode.POD, mode), "IPC");
    }

    @Test
    void aPodHasNoContainerWhosePidNamespaceItCouldShare() {
        refused(namespaces(NamespaceMode.POD, NamespaceMode.TARGET, NamespaceMode.POD), "TARGET");
        passes(namespaces(NamespaceMode.POD, NamespaceMode.CONTAINER, NamespaceMode.POD));
        passes(namespaces(NamespaceMode.NODE, NamespaceMode.NODE, NamespaceMode.NODE));
    }

    @Test
    void aUserNamespaceIsLookedAt() {
        var user = new UserNamespace(NamespaceMode.POD, List.of(), List.of());
        refused(
                PodSpecDraft.inNamespaces(
                        GOOD,
                        new NamespaceOptions(
                                NamespaceMode.POD, NamespaceMode.POD, NamespaceMode.POD, "", Optional.of(user))),
                "user namespace");
    }

    private static PodSpec namespaces(NamespaceMode network, NamespaceMode pid, NamespaceMode ipc) {
        return PodSpecDraft.inNamespaces(GOOD, new NamespaceOptions(network, pid, ipc, "", Optional.empty()));
    }

    /** The good one with something else. */
    private static PodSpec but(Consumer<PodSpecDraft> change) {
        return PodSpecDraft.of(GOOD, change);
    }

    private static PodSpec dns(DnsConfig dns) {
        return but(draft -> draft.dns = Optional.of(dns));
    }

    private static PodSpec secured(PodSecurity security) {
        return but(draft -> draft.security = security);
    }

    private static void passes(PodSpec spec) {
        assertThatCode(() -> PodSpecCheck.check(spec)).doesNotThrowAnyException();
    }

    private static void refused(PodSpec spec, String why) {
        assertThatThrownBy(() -> PodSpecCheck.check(spec))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why)
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
    }
}
