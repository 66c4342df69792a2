package io.keelson.oci.spec;

import static org.assertj.core.api.Assertions.assertThat;

import io.keelson.host.json.Json;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;

/** Which capabilities the process of a container has, and every command that is run in it. */
class ProcessCapabilitiesTest {
    private static final ProcessUser SOMEBODY = new ProcessUser(1000, 1000, List.of(1000L));
    private static final CapabilitySet DEFAULT = SpecRequests.ALL.merge(List.of(), List.of(), List.of());

    private static Json.Obj capabilities(Json.Obj process) {
        return process.object("capabilities");
    }

    private static Json.Obj config(ProcessUser user, boolean privileged, CapabilitySet capabilities) {
        return SpecRequests.config(user, SpecRequests.security(privileged, capabilities));
    }

    private static Stream<Json.Obj> processes(Json.Obj config) {
        return Stream.of(config.object("process"), ProcessSpec.another(config.object("process"), List.of("id"), false));
    }

    @Test
    @Tag("T11")
    void whoIsNotRootHasNoneUnlessTheyWereMadeAmbient() {
        var many = SpecRequests.ALL.merge(List.of("SYS_ADMIN", "NET_ADMIN"), List.of(), List.of());
        for (var granted : List.of(DEFAULT, many, SpecRequests.ALL.all())) {
            processes(config(SOMEBODY, false, granted)).forEach(process -> {
                for (var set : List.of("ambient", "effective", "permitted")) {
                    assertThat(capabilities(process).texts(set)).as(set).isEmpty();
                }
            });
        }
        var ambient = SpecRequests.ALL.merge(List.of(), List.of(), List.of("NET_BIND_SERVICE"));
        assertThat(capabilities(config(SOMEBODY, false, ambient).object("process"))
                        .texts("ambient"))
                .containsExactly("CAP_NET_BIND_SERVICE");
    }

    @Test
    @Tag("T12")
    void theInheritableSetIsEmptyForEverybody() {
        var added = SpecRequests.ALL.merge(List.of("SYS_ADMIN"), List.of(), List.of());
        for (var user : List.of(SpecRequests.ROOT, SOMEBODY)) {
            Stream.of(
                            config(user, false, DEFAULT),
                            config(user, false, added),
                            config(user, true, SpecRequests.ALL.all()))
                    .flatMap(ProcessCapabilitiesTest::processes)
                    .forEach(process -> assertThat(capabilities(process).texts("inheritable"))
                            .isEmpty());
        }
    }
}
