package io.keelson.pod.network;

import static io.keelson.pod.network.ScriptedPlugins.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What the network does with well-behaved plugins; the others are in {@link PluginFaultsTest}. */
class CniPodNetworkTest {
    private static final PortMapping WEB = new PortMapping(Protocol.TCP, 80, 8080, "");

    @TempDir
    Path base;

    private ScriptedPlugins node;

    @BeforeEach
    void install() throws IOException {
        node = new ScriptedPlugins(base).with("1.0.0", "one", "two");
    }

    @Test
    void pluginsAreChainedForwardAndTakenBackInReverse() throws IOException {
        var network = node.network();
        assertThat(network.attach(pod("p1"))).isEqualTo(new PodAddresses("10.99.0.5", List.of()));
        network.detach("p1", Optional.empty());
        assertThat(node.verbs()).containsExactly("ADD one", "ADD two", "DEL two", "DEL one");
        assertThat(node.calls().get(0)).doesNotContain("prevResult");
        assertThat(node.calls().get(1)).contains("\"prevResult\":{", "\"by\":\"one\"");
        assertThat(node.calls().subList(2, 4)).allMatch(call -> call.contains("\"by\":\"two\""));
        assertThat(node.cached()).isEmpty();
    }

    @Test
    void pluginsAreToldOfThePod() {
        node.network().attach(pod("p1"));
        assertThat(node.calls().getFirst())
                .contains("netns=/run/nowhere ")
                .contains("args=IgnoreUnknown=1;K8S_POD_NAMESPACE=default;K8S_POD_NAME=web;"
                        + "K8S_POD_INFRA_CONTAINER_ID=p1;K8S_POD_UID=uid-1 ");
    }

    @Test
    @Tag("trap-5")
    void aPodIsDetachedByTheNextDaemonWithTheConfigurationOfItsDay() throws IOException {
        node.network().attach(pod("p1"));
        Files.delete(node.configurations.resolve("10-test.conflist"));
        node.network().detach("p1", Optional.of(Path.of("/run/gone")));
        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
        assertThat(node.calls().getLast()).contains("netns= ", "\"name\":\"test\"", "\"by\":\"two\"");
        assertThat(node.cached()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(booleans = {false, true})
    @Tag("P1")
    void whatAPowerFailureTookOfANoteIsRecalledFromThePodsOwnRecord(boolean isNameLeft) throws IOException {
        node.network().attach(pod("p1"));
        var record = node.network().record("p1");
        Files.delete(node.cache.resolve("p1.json"));
        if (isNameLeft) {
            Files.createFile(node.cache.resolve("p1.json"));
        }
        Files.delete(node.configurations.resolve("10-test.conflist"));

        var network = node.network();
        network.recall("p1", record);
        network.detach("p1", Optional.empty());

        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
        assertThat(node.calls().getLast()).contains("\"name\":\"test\"", "\"by\":\"two\"");
        assertThat(node.cached()).isEmpty();
    }

    @Test
    @Tag("P1")
    void aStartThatAPowerFailureCutOffMayHaveBeenAttachedWithThePresentConfiguration() throws IOException {
        var network = node.network();
        network.recall("p1", Optional.empty());
        network.detach("p1", Optional.empty());
        assertThat(node.verbs()).containsExactly("DEL two", "DEL one");
        assertThat(node.cached()).isEmpty();
    }

    @Test
    void whatIsKnownIsNotGuessed() {
        var network = node.network();
        network.attach(pod("p1"));
        network.recall("p1", Optional.empty());
        network.detach("p1", Optional.empty());
        assertThat(node.calls().getLast()).contains("\"by\":\"two\"");
    }

    @Test
    void detachingTwiceOrNeverAttachedIsASuccess() {
        var network = node.network();
        network.attach(pod("p1"));
        network.detach("p1", Optional.empty());
        network.detach("p1", Optional.empty());
        network.detach("p2", Optional.empty());
        assertThat(node.verbs()).hasSize(4);
    }

    @Test
    void attachingTwiceIsRefusedAndLeavesTheFirst() throws IOException {
        var network = node.network();
        network.attach(pod("p1", WEB));
        assertThatThrownBy(() -> network.attach(pod("p1", WEB)))
                .extracting(e -> ((Failure) e).kind())
                .isEqualTo(Failure.Kind.WRONG_STATE);
        assertThat(node.cached()).containsExactly("p1.json");
        assertThatThrownBy(() -> network.attach(pod("p2", WEB))).hasMessageContaining("pod default/web (p1) already");
    }

    @Test
    void aConflictOfHostPortsRunsNoPlugin() throws IOException {
        var network = node.network();
        network.attach(pod("p1", WEB));
        assertThatThrownBy(() -> network.attach(pod("p2", WEB)))
                .hasMessage("cannot attach pod default/web (p2) to its network: host port tcp *:8080 belongs to pod"
                        + " default/web (p1) already");
        assertThat(node.verbs()).hasSize(2);
        assertThat(node.cached()).containsExactly("p1.json");
        network.detach("p1", Optional.empty());
        network.attach(pod("p2", WEB));
    }

    @Test
    void hostPortsThatTheKernelRefusesUndoTheAttachment() throws IOException {
        var network = node.network();
        node.filter.refusals = 1;
        assertThatThrownBy(() -> network.attach(pod("p1", WEB))).hasMessageContaining("nftables: No such file");
        assertThat(node.verbs()).containsExactly("ADD one", "ADD two", "DEL two", "DEL one");
        assertThat(node.cached()).isEmpty();
        network.attach(pod("p1", WEB));
    }

    @Test
    void pluginsThatPublishPortsAreToldAndKeelsonDoesNot() {
        node.network(HostPortMode.CNI).attach(pod("p1", WEB));
        assertThat(node.calls().getFirst()).contains("\"runtimeConfig\":{\"portMappings\":[{\"hostPort\":8080");
        assertThat(node.filter.transactions).isEmpty();
    }

    @Test
    void theTimelineHasEveryStep() {
        var steps = new ArrayList<String>();
        node.network().attach(pod("p1", WEB), (step, took) -> {
            steps.add(step);
            assertThat(took).isPositive();
        });
        assertThat(steps).containsExactly("cni/one", "cni/two", "cni", "network-record", "host-ports");
    }

    @Test
    void hostPortsAreRebuiltFromTheRecordsOfThePodsThatAreLeft() {
        var before = node.network();
        before.attach(pod("p1", WEB));
        before.attach(pod("p2", new PortMapping(Protocol.TCP, 80, 8081, "")));
        before.attach(pod("p3"));
        var after = node.network();
        after.restoreHostPorts(Set.of("p1", "p3", "unknown"), Set.of());
        after.rebuildHostPorts();
        assertThat(node.filter.last())
                .startsWith("add table inet keelson\ndelete table inet keelson\n")
                .contains("tcp . 8080")
                .doesNotContain("tcp . 8081");
        assertThatThrownBy(() -> after.attach(pod("p4", WEB))).hasMessageContaining("pod default/web (p1) already");
        after.detach("p1", Optional.empty());
        assertThat(node.filter.last()).endsWith("delete table inet keelson\n");
        assertThat(node.routing.on).isEmpty();
    }

    /** The daemon before was killed when it had taken the port away, and the kernel still knew who talked through it. */
    @Test
    void conversationsEndThoughTheDaemonThatTookThePortAwayWasKilledBefore() throws IOException {
        node.network().attach(pod("p1", new PortMapping(Protocol.UDP, 53, 5300, "")));
        var next = node.network();
        next.restoreHostPorts(Set.of(), Set.of());
        next.rebuildHostPorts();
        node.flows.forgotten.clear();

        next.detach("p1", Optional.empty());

        assertThat(node.flows.forgotten).isNotEmpty().allMatch(each -> each.startsWith("from "));
        assertThat(node.cached()).isEmpty();
    }

    @Test
    void podsThatNobodyKnowsAreDetached() throws IOException {
        node.network().attach(pod("p1"));
        node.network().attach(pod("p2"));
        node.network().collectGarbage(Set.of("p2"));
        assertThat(node.cached()).containsExactly("p2.json");
        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
    }

    @Test
    void garbageIsNotLookedForWithoutAConfiguration() throws IOException {
        node.network().attach(pod("p1"));
        Files.delete(node.configurations.resolve("10-test.conflist"));
        node.network().collectGarbage(Set.of("p1"));
        assertThat(node.verbs()).containsExactly("ADD one", "ADD two");
        assertThat(node.cached()).containsExactly("p1.json");
    }

    @Test
    void whatThisDaemonAttachedIsNoGarbageThoughItIsNotYetKnownToOthers() throws IOException {
        node.with("1.1.0", "one");
        var network = node.network();
        network.attach(pod("p1"));
        network.collectGarbage(Set.of());
        assertThat(node.cached()).containsExactly("p1.json");
        assertThat(node.calls().getLast()).startsWith("GC one").contains("\"containerID\":\"p1\"");
    }

    @Test
    void pluginsOfCni11DropWhatBelongsToNoPod() throws IOException {
        node.with("1.1.0", "one");
        node.network().attach(pod("p2"));
        node.network().collectGarbage(Set.of("p2"));
        assertThat(node.calls().getLast())
                .startsWith("GC one")
                .contains("\"cni.dev/valid-attachments\":[{\"containerID\":\"p2\",\"ifname\":\"eth0\"}]");
    }

    @Test
    void aPodIsCheckedWithItsResult() {
        var network = node.network();
        network.attach(pod("p1"));
        network.check("p1");
        assertThat(node.verbs()).endsWith("CHECK one", "CHECK two");
        assertThat(node.calls().getLast()).contains("\"by\":\"two\"");
        assertThatThrownBy(() -> network.check("p2")).hasMessageContaining("not attached");
    }

    @Test
    void theNetworkIsReadyWhenItsPluginsAreThere() throws IOException {
        var network = node.network();
        assertThat(network.readiness()).isEqualTo(NetworkReadiness.ready());
        Files.delete(node.programs.resolve("two"));
        assertThat(network.readiness().reason()).isEqualTo("network test: plugin two is not in " + node.programs);
        node.install("two");
        Files.delete(node.configurations.resolve("10-test.conflist"));
        assertThat(network.readiness())
                .isEqualTo(NetworkReadiness.notReady("no network configuration (CNI) in " + node.configurations));
    }

    @Test
    void theNetworkIsAsReadyAsItsPluginsOfCni11Say() throws IOException {
        node.with("1.1.0", "one");
        node.script("one", CniVerb.STATUS, "echo '{\"code\":50,\"msg\":\"no addresses left\"}'; exit 1");
        var network = node.network();
        assertThat(network.readiness().reason())
                .isEqualTo("network test: plugin one, STATUS: no addresses left (code 50)");
        var _ = network.readiness();
        assertThat(node.verbs()).containsExactly("STATUS one");
    }

    @Test
    void amongSeveralVersionsTheHighestThatAllPluginsSpeakIsSpoken() throws IOException {
        Files.writeString(node.configurations.resolve("10-test.conflist"), """
                {"cniVersion":"0.4.0","cniVersions":["0.4.0","1.0.0","1.1.0"],"name":"test",
                "plugins":[{"type":"one"},{"type":"two"}]}""");
        var speaks = "echo '{\"cniVersion\":\"1.0.0\",\"supportedVersions\":[%s]}'";
        node.script("one", CniVerb.VERSION, speaks.formatted("\"0.4.0\",\"1.0.0\",\"1.1.0\""));
        node.script("two", CniVerb.VERSION, speaks.formatted("\"0.4.0\",\"1.0.0\""));
        var network = node.network();
        network.attach(pod("p1"));
        network.attach(pod("p2"));
        assertThat(node.verbs())
                .containsExactly("VERSION one", "VERSION two", "ADD one", "ADD two", "ADD one", "ADD two");
        assertThat(node.calls().get(2)).contains("\"cniVersion\":\"1.0.0\"");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "../p", "a/b", "-p", "p q"})
    void whatIsNotTheIdOfAPodIsRefused(String id) {
        assertThatThrownBy(() -> node.network().attach(pod(id))).isInstanceOf(Failure.class);
        assertThat(node.calls()).isEmpty();
    }

    @Test
    void aNameThatWouldAddAnArgumentIsRefused() {
        assertThatThrownBy(() -> new NetworkRequest(
                        "p1",
                        "a;K8S_POD_UID=b",
                        "n",
                        "u",
                        Path.of("/x"),
                        List.of(),
                        Map.of(),
                        "",
                        Optional.empty(),
                        List.of()))
                .extracting(e -> ((Failure) e).kind())
                .isEqualTo(Failure.Kind.INVALID);
    }

    @Test
    void repeatedAttachingAndDetachingLeavesNothing() throws IOException {
        var network = node.network();
        for (var i = 0; i < 20; i++) {
            network.attach(pod("p" + i, WEB));
            network.detach("p" + i, Optional.empty());
        }
        assertThat(node.cached()).isEmpty();
        assertThat(node.routing.on).isEmpty();
        assertThat(node.filter.last()).endsWith("delete table inet keelson\n");
    }
}
