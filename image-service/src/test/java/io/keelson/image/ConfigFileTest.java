package io.keelson.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ConfigFileTest {
    private static final String ROOTFS = "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[]}";

    private static ImageConfig parse(String json) {
        return ConfigFile.parse(json.getBytes(StandardCharsets.UTF_8));
    }

    private static ImageConfig withRun(String run) {
        return parse("{\"os\":\"linux\"," + ROOTFS + ",\"config\":{" + run + "}}");
    }

    @Test
    void readsWhatCounts() {
        var config = withRun("\"User\":\"1003:1004\",\"Env\":[\"PATH=/bin\",\"EMPTY=\"],\"Entrypoint\":[\"/e\"],"
                + "\"Cmd\":[\"a\",\"b\"],\"WorkingDir\":\"/w\",\"Volumes\":{\"/v\":{}},\"Labels\":{\"k\":\"v\"},"
                + "\"StopSignal\":\"SIGTERM\",\"ExposedPorts\":{\"80/tcp\":{}},\"Healthcheck\":{\"Retries\":-1}");

        assertThat(config.user()).isEqualTo("1003:1004");
        assertThat(config.env()).containsExactly("PATH=/bin", "EMPTY=");
        assertThat(config.entrypoint()).containsExactly("/e");
        assertThat(config.cmd()).containsExactly("a", "b");
        assertThat(config.workingDir()).isEqualTo("/w");
        assertThat(config.volumes()).containsExactly("/v");
        assertThat(config.labels()).containsEntry("k", "v");
        assertThat(config.stopSignal()).isEqualTo("SIGTERM");
        assertThat(config.exposedPorts()).containsExactly("80/tcp");
    }

    @Test
    void nullsAndAbsenceAreEmpty() {
        var config = parse("{\"config\":{\"Env\":null,\"Cmd\":null,\"Volumes\":null,\"User\":null}," + ROOTFS + "}");

        assertThat(config.env()).isEmpty();
        assertThat(config.cmd()).isEmpty();
        assertThat(parse("{" + ROOTFS + "}").user()).isEmpty();
    }

    @Test
    void environmentWithoutNameOrValueIsLeftOut() {
        assertThat(withRun("\"Env\":[\"A=1\",\"B\",\"=C\",\"\"]").env()).containsExactly("A=1");
    }

    @ParameterizedTest
    @CsvSource({
        "SIGTERM, SIGTERM",
        "term, term",
        "15, 15",
        "SIGRTMIN+3, SIGRTMIN+3",
        "SIGFOO, ''",
        "0, ''",
        "65, ''",
        "SIGRTMIN+99, ''",
        "15x, ''"
    })
    void stopSignalIsOneThatExistsOrNone(String written, String read) {
        assertThat(withRun("\"StopSignal\":\"" + written + "\"").stopSignal()).isEqualTo(read);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "[]",
                "{}",
                "{\"rootfs\":{\"type\":\"other\",\"diff_ids\":[]}}",
                "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"x\"]}}",
                "{\"rootfs\":{\"type\":\"layers\",\"diff_ids\":{}}}",
                "{\"config\":[],\"rootfs\":{\"type\":\"layers\"}}",
                "{\"config\":{\"Env\":[1]},\"rootfs\":{\"type\":\"layers\"}}",
                "{\"config\":{\"User\":5},\"rootfs\":{\"type\":\"layers\"}}",
                "{\"config\":{\"Cmd\":[\"a\\u0000b\"]},\"rootfs\":{\"type\":\"layers\"}}"
            })
    void refusesWhatCannotBeMeant(String json) {
        assertThatThrownBy(() -> parse(json))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageStartingWith("image config: ");
    }

    @Test
    void limitsAreHeldExactly() {
        var most = ConfigFile.MAX_ENTRIES;
        assertThat(withRun("\"Env\":[" + "\"A=1\",".repeat(most - 1) + "\"A=1\"]")
                        .env())
                .hasSize(most);
        assertThatThrownBy(() -> withRun("\"Env\":[" + "\"A=1\",".repeat(most) + "\"A=1\"]"))
                .hasMessageContaining("more than " + most);
        var longest = "x".repeat(ConfigFile.MAX_ENTRY_LENGTH);
        assertThat(withRun("\"Cmd\":[\"" + longest + "\"]").cmd()).containsExactly(longest);
        assertThatThrownBy(() -> withRun("\"Entrypoint\":[\"" + longest + "x\"]"))
                .hasMessageContaining("longer than");
    }
}
