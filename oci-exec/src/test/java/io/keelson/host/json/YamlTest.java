package io.keelson.host.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class YamlTest {
    private static Json parse(String text) {
        return Yaml.parse(text.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void aDocumentIsWhatItWouldBeInJson() {
        var yaml = """
                ---
                # a comment
                text: plain words
                quoted: "a: b"
                number: -12
                large: 18446744073709551615
                fraction: 0.5
                flag: true
                nothing: null
                list: [a, 1]
                map:
                  - name: x
                    deep: {}
                """;

        assertThat(parse(yaml)).isEqualTo(Json.parse("""
                {"text":"plain words","quoted":"a: b","number":-12,"large":18446744073709551615,"fraction":0.5,
                 "flag":true,"nothing":null,"list":["a",1],"map":[{"name":"x","deep":{}}]}
                """.getBytes(StandardCharsets.UTF_8)));
    }

    @Test
    void whatReadersDisagreeAboutIsAString() {
        assertThat(parse("{a: yes, b: 0660, c: 0x10, d: 12:30, e: ~}"))
                .isEqualTo(Json.object()
                        .put("a", "yes")
                        .put("b", "0660")
                        .put("c", "0x10")
                        .put("d", "12:30")
                        .put("e", "~")
                        .build());
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "a: 1\na: 2",
                "a: [",
                "- 1\n--- \n- 2",
                "a: &x [1]\nb: *x",
                "a: &x [*x]",
                "a: !!java.lang.ProcessBuilder [x]",
                "a: !custom 1",
                "a: !!binary aGk=",
                "? [a]\n: 1",
                "1: 2",
                "\tx: 1"
            })
    void whatIsAmbiguousOrMoreThanJsonIsRefused(String text) {
        assertThatThrownBy(() -> parse(text))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("YAML");
    }

    @ParameterizedTest
    @ValueSource(ints = {66, 5_000, 100_000})
    void nestingHasALimit(int depth) {
        assertThatThrownBy(() -> parse("[".repeat(depth) + "]".repeat(depth)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("YAML");
    }

    @Test
    void whatIsNotUtf8OrNoMapIsRefused() {
        assertThatThrownBy(() -> Yaml.parse(new byte[] {'a', ':', (byte) 0xff})).hasMessageContaining("UTF-8");
        assertThatThrownBy(() -> Yaml.parseObject("[]".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("map");
    }
}
