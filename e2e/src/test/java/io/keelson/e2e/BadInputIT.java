package io.keelson.e2e;

import static org.assertj.core.api.Assertions.assertThat;

import com.google.protobuf.Message;
import io.grpc.MethodDescriptor;
import io.grpc.Status.Code;
import io.keelson.e2e.BadInputTable.Verdict;
import io.keelson.e2e.node.Cri;
import io.keelson.e2e.node.Node;
import io.keelson.e2e.node.Setup;
import io.keelson.proto.AttachRequest;
import io.keelson.proto.ContainerStatsRequest;
import io.keelson.proto.ExecRequest;
import io.keelson.proto.ExecSyncRequest;
import io.keelson.proto.PodSandboxStatsRequest;
import io.keelson.proto.PortForwardRequest;
import io.keelson.proto.ReopenContainerLogRequest;
import io.keelson.proto.StartContainerRequest;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Every call with every wrong value in every field that the API has, which is asked for its fields: a definite code, a message that
 * says what was attempted and why not, and nothing changed. What a field may have all the same stands in {@link BadInputTable}.
 */
class BadInputIT {
    private static final int LARGEST_REQUEST_BYTES = 16 << 20;

    /** Answers for as long as the caller stays. */
    private static final String ENDLESS = "GetContainerEvents";

    /** What a request that cannot be fulfilled is answered with. */
    private static final Set<Code> DEFINITE =
            Set.of(Code.INVALID_ARGUMENT, Code.NOT_FOUND, Code.FAILED_PRECONDITION, Code.ALREADY_EXISTS);

    @TempDir
    static Path directory;

    private static Node node;
    private static BadInputScene scene;

    @BeforeAll
    static void start() throws Exception {
        node = Node.start(directory, TestRegistry.daemon(), Setup.with(TestRegistry.server()));
        scene = new BadInputScene(node);
    }

    @AfterAll
    static void end() {
        if (node != null) {
            node.close();
        }
    }

    private interface Action {
        void run() throws Exception;
    }

    /** Lists and files are the same before and after. */
    private static void changesNothing(String what, Action action) throws Exception {
        var lists = scene.lists();
        var files = scene.files();
        action.run();
        assertThat(scene.lists()).as(what).isEqualTo(lists);
        assertThat(scene.files()).as(what).isEqualTo(files);
    }

    private static Rpc.Answer call(Rpc rpc, Message request) {
        return rpc.call(node.cri().channel(), request);
    }

    private static List<Rpc> built() {
        return Rpc.all().stream()
                .filter(rpc -> !rpc.name().equals(ENDLESS))
                .filter(rpc -> !BadInputTable.NOT_BUILT.contains(rpc.name()))
                .toList();
    }

    @Test
    void whatIsNotBuiltIsSaidToBeUnimplemented() {
        for (var rpc : Rpc.all()) {
            if (!rpc.name().equals(ENDLESS)) {
                assertThat(call(rpc, rpc.empty()).code() == Code.UNIMPLEMENTED)
                        .as(rpc.name())
                        .isEqualTo(BadInputTable.NOT_BUILT.contains(rpc.name()));
            }
        }
    }

    @Test
    void anEmptyRequestIsRefusedWhereSomethingHasToBeNamed() throws Exception {
        changesNothing("empty requests", () -> {
            for (var rpc : built()) {
                var answer = call(rpc, rpc.empty());
                if (BadInputTable.WITHOUT_SUBJECT.contains(rpc.name())) {
                    assertThat(answer.status().isOk())
                            .as(rpc.name() + answer.words())
                            .isTrue();
                } else {
                    assertRefused(rpc.name(), answer, Set.of(Code.INVALID_ARGUMENT));
                }
            }
        });
    }

    @Test
    void everyFieldWithEveryWrongValueIsRefusedUnlessItMayHaveIt() throws Exception {
        var wrong = new TreeMap<String, String>();
        for (var rpc : built()) {
            changesNothing(rpc.name(), () -> {
                for (var field : WrongField.of(rpc.empty())) {
                    for (var value : field.values()) {
                        var what = rpc.name() + " " + field.name() + " " + WrongField.shape(value);
                        if (BadInputTable.verdict(rpc.name(), field.name(), WrongField.shape(value))
                                == Verdict.REFUSED) {
                            var answer = call(rpc, field.in(scene.right(rpc), value));
                            scene.undo(answer);
                            complaint(answer, DEFINITE).ifPresent(complaint -> wrong.put(what, complaint));
                        }
                    }
                }
            });
        }
        assertThat(wrong.entrySet().stream()
                        .map(each -> each.getKey() + " -> " + each.getValue())
                        .collect(Collectors.joining("\n")))
                .isEmpty();
    }

    /** All such fields at once, since each alone would take a minute. */
    @Test
    void whatAFieldMayHaveIsTaken() throws Exception {
        var wrong = new ArrayList<String>();
        for (var rpc : built()) {
            changesNothing(rpc.name(), () -> {
                for (var entry : allowed(rpc).entrySet()) {
                    var answer = call(rpc, entry.getValue());
                    scene.undo(answer);
                    if (!answer.isOk()) {
                        wrong.add(rpc.name() + " " + entry.getKey() + " -> " + answer.status());
                    }
                }
            });
        }
        assertThat(wrong).isEmpty();
    }

    private static Map<String, Message> allowed(Rpc rpc) {
        var requests = new TreeMap<String, Message>();
        for (var field : WrongField.of(rpc.empty())) {
            for (var value : field.values()) {
                var shape = WrongField.shape(value);
                if (BadInputTable.verdict(rpc.name(), field.name(), shape) == Verdict.TAKEN) {
                    var before = requests.getOrDefault(shape, scene.right(rpc));
                    requests.put(shape, field.in(before, value));
                }
            }
        }
        return requests;
    }

    @Test
    @Tag("trap-2")
    void whatIsNotThereIsNotFoundAndNothingToStopOrRemove() throws Exception {
        changesNothing("unknown ids", () -> {
            for (var rpc : built()) {
                for (var field : WrongField.of(rpc.empty())) {
                    if (BadInputTable.SUBJECTS.contains(field.name())) {
                        var answer = call(rpc, field.in(scene.right(rpc), BadInputScene.NOBODY));
                        if (rpc.name().startsWith("Stop") || rpc.name().startsWith("Remove")) {
                            assertThat(answer.status().isOk())
                                    .as(rpc.name() + answer.words())
                                    .isTrue();
                        } else {
                            assertRefused(rpc.name(), answer, Set.of(Code.NOT_FOUND));
                            assertThat(answer.words())
                                    .as(rpc.name())
                                    .contains(BadInputScene.NOBODY)
                                    .contains("no such");
                        }
                    }
                }
            }
        });
    }

    @Test
    void aWrongStateIsSaid() throws Exception {
        var wrong = new ArrayList<Message>();
        for (var id : List.of(scene.running, scene.exited)) {
            wrong.add(StartContainerRequest.newBuilder().setContainerId(id).build());
        }
        for (var id : List.of(scene.created, scene.exited)) {
            wrong.add(ExecSyncRequest.newBuilder()
                    .setContainerId(id)
                    .addCmd("true")
                    .build());
            wrong.add(ExecRequest.newBuilder()
                    .setContainerId(id)
                    .addCmd("true")
                    .setStdout(true)
                    .build());
            wrong.add(ReopenContainerLogRequest.newBuilder().setContainerId(id).build());
        }
        wrong.add(AttachRequest.newBuilder()
                .setContainerId(scene.exited)
                .setStdout(true)
                .build());
        wrong.add(
                ContainerStatsRequest.newBuilder().setContainerId(scene.exited).build());
        wrong.add(PodSandboxStatsRequest.newBuilder()
                .setPodSandboxId(scene.stoppedPod)
                .build());
        wrong.add(PortForwardRequest.newBuilder()
                .setPodSandboxId(scene.stoppedPod)
                .addPort(80)
                .build());
        changesNothing("wrong states", () -> {
            for (var request : wrong) {
                var name = request.getDescriptorForType().getName().replaceAll("Request$", "");
                var rpc = Rpc.all().stream()
                        .filter(each -> each.name().equals(name))
                        .findFirst()
                        .orElseThrow();
                assertRefused(name, call(rpc, request), Set.of(Code.FAILED_PRECONDITION));
            }
        });
    }

    @Test
    void aRequestThatIsTooLargeIsRefused() throws Exception {
        var large = new byte[LARGEST_REQUEST_BYTES + 1];
        changesNothing("large requests", () -> {
            for (var rpc : Rpc.all()) {
                var method = rpc.method().toBuilder(new Raw(), new Raw()).build();
                // What the server does not take stays in the client's buffers until its connection is closed.
                try (var cri = Cri.connect(node.place().socket())) {
                    var answer = Rpc.call(cri.channel(), method, large);
                    assertThat(answer.code())
                            .as(rpc.name() + ": " + answer.words())
                            .isEqualTo(Code.RESOURCE_EXHAUSTED);
                    assertThat(answer.words()).contains(Integer.toString(LARGEST_REQUEST_BYTES));
                }
            }
        });
    }

    private static final class Raw implements MethodDescriptor.Marshaller<byte[]> {
        @Override
        public InputStream stream(byte[] value) {
            return new ByteArrayInputStream(value);
        }

        @Override
        public byte[] parse(InputStream stream) {
            try {
                return stream.readAllBytes();
            } catch (IOException e) {
                throw new AssertionError(e);
            }
        }
    }

    private static void assertRefused(String what, Rpc.Answer answer, Set<Code> codes) {
        assertThat(complaint(answer, codes)).as(what).isEmpty();
    }

    /** What is wrong with the refusal. */
    private static Optional<String> complaint(Rpc.Answer answer, Set<Code> codes) {
        if (!codes.contains(answer.code())) {
            return Optional.of(answer.status().toString());
        }
        // Where kubelet looks for a word of its own, that comes first.
        if (!answer.words().replaceFirst("^ImageVolumeMountFailed: ", "").startsWith("cannot ")
                || !answer.words().contains(": ")
                || answer.words().chars().anyMatch(Character::isISOControl)) {
            return Optional.of("says: " + answer.words());
        }
        return Optional.empty();
    }
}
