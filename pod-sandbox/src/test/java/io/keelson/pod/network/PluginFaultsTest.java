package io.keelson.pod.network;

import static io.keelson.pod.network.ScriptedPlugins.pod;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** A plugin that misbehaves costs its pod the start, in bounded time, and leaves nothing behind. */
class PluginFaultsTest {
    private static final PortMapping WEB = new PortMapping(Protocol.TCP, 80, 8080, "");

    @TempDir
    Path base;

    private ScriptedPlugins node;
    private CniPodNetwork network;

    @BeforeEach
    void install() throws IOException {
        node = new ScriptedPlugins(base).with("1.0.0", "one", "two");
        network = node.network();
    }

    private Failure failureOfAttaching() {
        try {
            network.attach(pod("p1", WEB));
        } catch (Failure e) {
            return e;
        }
        throw new AssertionError("attached");
    }

    private void assertThatNothingIsLeftAndARetryWorks() throws IOException {
        assertThat(node.cached()).isEmpty();
        assertThat(node.filter.transactions).isEmpty();
        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
        for (var verb : CniVerb.values()) {
            Files.deleteIfExists(node.programs.resolve("two." + verb));
        }
        network.attach(pod("p1", WEB));
    }

    @Test
    void itsErrorIsTold() throws IOException {
        node.script("two", CniVerb.ADD, "echo '{\"code\":11,\"msg\":\"pool\",\"details\":\"is empty\"}'; exit 3");
        var failure = failureOfAttaching();
        assertThat(failure)
                .hasMessage(
                        "cannot attach pod default/web (p1) to its network: plugin two, ADD: pool; is empty (code 11)");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(node.calls().getLast()).doesNotContain("prevResult");
        assertThatNothingIsLeftAndARetryWorks();
    }

    @Test
    void anExitWithoutErrorObjectTellsItsCodeAndTheEndOfItsStderr() throws IOException {
        node.script("two", CniVerb.ADD, "echo panic >&2; exit 2");
        assertThat(failureOfAttaching()).hasMessageEndingWith("plugin two, ADD: exit code 2: panic");
        assertThatNothingIsLeftAndARetryWorks();
    }

    @Test
    @Tag("K4")
    void aSignalIsAFailure() throws IOException {
        node.script("two", CniVerb.ADD, "kill -9 $$");
        assertThat(failureOfAttaching()).hasMessageEndingWith("plugin two, ADD: exit code 137");
        assertThatNothingIsLeftAndARetryWorks();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "echo garbage",
                "true",
                "echo '{}'",
                "echo '{\"ips\":[{\"address\":\"nowhere\"}]}'",
                "head -c 200000 /dev/zero | tr '\\0' '['"
            })
    @Tag("K4")
    void successWithGarbageIsAFailure(String script) throws IOException {
        node.script("two", CniVerb.ADD, script);
        var failure = failureOfAttaching();
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        assertThat(String.valueOf(failure.getMessage())).contains("p1").hasSizeLessThan(1000);
        assertThatNothingIsLeftAndARetryWorks();
    }

    @ParameterizedTest
    @ValueSource(strings = {"sleep 600", "sleep 600 & sleep 600", "trap '' TERM INT; while :; do sleep 1; done"})
    @Tag("K4")
    void aHangIsEndedWithAllThatThePluginStarted(String script) throws IOException {
        node.script("two", CniVerb.ADD, "echo $$ >" + base + "/pid; " + script);
        var failure = failureOfAttaching();
        assertThat(failure).hasMessageContaining("plugin two, ADD: no answer within 1500 ms");
        assertThat(failure.kind()).isEqualTo(Failure.Kind.UNAVAILABLE);
        var pid = Long.parseLong(Files.readString(base.resolve("pid")).strip());
        assertThat(ProcessHandle.of(pid).filter(ProcessHandle::isAlive)).isEmpty();
        assertThatNothingIsLeftAndARetryWorks();
    }

    @Test
    @Tag("K4")
    void aGibibyteOfOutputIsBounded() throws IOException {
        node.script("two", CniVerb.ADD, "head -c 1073741824 /dev/zero");
        assertThat(failureOfAttaching())
                .hasMessageMatching("(?s).*plugin two, ADD: (it printed more than 1048576 bytes|no answer within.*)");
        assertThatNothingIsLeftAndARetryWorks();
    }

    @Test
    void anAnswerMayBeAsLargeAsTheLimitAndNoLarger() throws IOException {
        var answer = "{\"ips\":[{\"address\":\"10.99.0.5/24\"}]}";
        var padding = PluginRunner.OUTPUT_LIMIT_BYTES - answer.length();
        node.script("two", CniVerb.ADD, "printf '%s%" + (padding + 1) + "s' '" + answer + "' ''");
        assertThat(failureOfAttaching()).hasMessageContaining("printed more than 1048576 bytes");
        node.script("two", CniVerb.ADD, "printf '%s%" + padding + "s' '" + answer + "' ''");
        network.attach(pod("p1", WEB));
    }

    @Test
    void aMissingPluginIsNamedAndTheOthersAreTakenBack() throws IOException {
        Files.delete(node.programs.resolve("two"));
        assertThat(failureOfAttaching()).hasMessageContaining("plugin two is not in " + node.programs);
        // DEL of the missing one cannot succeed: what there is to detach is kept.
        assertThat(node.verbs()).containsExactly("ADD one", "DEL one");
        assertThat(node.cached()).containsExactly("p1.json");
        node.install("two");
        network.detach("p1", Optional.empty());
        assertThat(node.cached()).isEmpty();
        network.attach(pod("p1", WEB));
    }

    @Test
    void withoutAConfigurationNothingIsAttempted() throws IOException {
        Files.delete(node.configurations.resolve("10-test.conflist"));
        assertThat(failureOfAttaching()).hasMessageContaining("no network configuration (CNI) in");
        assertThat(node.calls()).isEmpty();
        assertThat(node.cached()).isEmpty();
        node.with("1.0.0", "one");
        network.attach(pod("p1", WEB));
    }

    @Test
    void aDelThatFailsStopsNeitherTheOthersNorTheNextAttempt() throws IOException {
        network.attach(pod("p1", WEB));
        node.script("two", CniVerb.DEL, "echo '{\"code\":1,\"msg\":\"busy\"}'; exit 1");
        assertThatThrownBy(() -> network.detach("p1", Optional.empty()))
                .hasMessage("cannot detach pod p1 from its network: plugin two, DEL: busy (code 1)");
        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
        assertThat(node.filter.last()).endsWith("delete table inet keelson\n");
        node.unscript("two", CniVerb.DEL);
        network.detach("p1", Optional.empty());
        assertThat(node.cached()).isEmpty();
    }

    @Test
    @Tag("trap-4")
    void anAttachThatIsInterruptedIsUndone() throws Exception {
        node.script("two", CniVerb.ADD, "touch " + base + "/reached; sleep 600");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var attaching = executor.submit(() -> network.attach(pod("p1", WEB)));
            while (!Files.exists(base.resolve("reached"))) {
                Thread.sleep(5);
            }
            executor.shutdownNow();
            assertThatThrownBy(attaching::get)
                    .isInstanceOf(ExecutionException.class)
                    .cause()
                    .isInstanceOfSatisfying(
                            Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.CANCELLED));
        }
        assertThatNothingIsLeftAndARetryWorks();
    }

    @Test
    void aDetachThatIsInterruptedIsFinished() throws Exception {
        network.attach(pod("p1", WEB));
        node.script("two", CniVerb.DEL, "touch " + base + "/reached; sleep 0.5");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var detaching = executor.submit(() -> {
                network.detach("p1", Optional.empty());
                return Thread.currentThread().isInterrupted();
            });
            while (!Files.exists(base.resolve("reached"))) {
                Thread.sleep(5);
            }
            executor.shutdownNow();
            assertThat(detaching.get()).isTrue();
        }
        assertThat(node.cached()).isEmpty();
    }

    @Test
    @Tag("trap-5")
    void aRecordThatAPowerFailureEmptiedIsDetachedWithThePresentConfiguration() throws IOException {
        network.attach(pod("p1"));
        Files.write(node.cache.resolve("p1.json"), new byte[0]);
        var network = node.network();
        network.restoreHostPorts(Set.of("p1"), Set.of());
        network.rebuildHostPorts();
        node.network().detach("p1", Optional.empty());
        assertThat(node.verbs()).endsWith("DEL two", "DEL one");
        assertThat(node.cached()).isEmpty();
    }

    @Test
    void aDaemonKilledWithinAddFindsWhatToDetach() throws IOException {
        node.script("two", CniVerb.ADD, "cp " + node.cache + "/p1.json " + base + "/meanwhile; exit 1");
        failureOfAttaching();
        Files.move(base.resolve("meanwhile"), node.cache.resolve("p1.json"));
        node.network().detach("p1", Optional.empty());
        assertThat(node.verbs()).endsWith("DEL two", "DEL one", "DEL two", "DEL one");
        assertThat(node.cached()).isEmpty();
    }

    @Test
    @Tag("stuck")
    void aStatusThatHangsDoesNotHoldUpOthers() throws Exception {
        node.with("1.1.0", "one");
        node.script("one", CniVerb.STATUS, "touch " + base + "/reached; sleep 2");
        try (var executor = Executors.newVirtualThreadPerTaskExecutor()) {
            var asking = executor.submit(network::readiness);
            while (!Files.exists(base.resolve("reached"))) {
                Thread.sleep(5);
            }
            assertThat(network.readiness().reason()).contains("are being asked");
            assertThat(asking.get().isReady()).isTrue();
        }
        assertThat(network.readiness().isReady()).isTrue();
    }
}
