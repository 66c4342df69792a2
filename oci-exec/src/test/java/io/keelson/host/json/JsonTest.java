package io.keelson.host.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class JsonTest {
    @Test
    void whatIsWrittenIsReadBack() {
        var value = Json.object()
                .put("text", "ä\n\"\u0000\\")
                .put("number", Long.MIN_VALUE)
                .put("flag", true)
                .put("object", Json.object().putTextMap("map", Map.of("k", "v")))
                .putTexts("texts", List.of("a", "b"))
                .putAll("values", List.of(Json.number(1), new Json.Null(), new Json.Bool(false)))
                .build();

        assertThat(Json.parse(value.toBytes())).isEqualTo(value);
    }

    @Test
    void keysKeepTheirOrderAndThereAreNoLineBreaks() {
        assertThat(new String(Json.object().put("z", 1).put("a", "x").build().toBytes(), StandardCharsets.UTF_8))
                .isEqualTo("{\"z\":1,\"a\":\"x\"}");
    }

    @Test
    void whatWasWrittenBecomesPartOfAnotherAsItIs() {
        var part = object("{\"a\":[1,\"ä\"]}");

        var whole = Json.object()
                .put("part", new Json.Written(part.toBytes()))
                .put("more", true)
                .build();

        assertThat(Json.parse(whole.toBytes()))
                .isEqualTo(Json.object().put("part", part).put("more", true).build());
    }

    @Test
    void aMemberIsReadAndNothingBehindIt() {
        var bytes = "{\"first\":{\"wanted\":0},\"wanted\":{\"k\":\"v\"},\"rest\":".getBytes(StandardCharsets.UTF_8);

        assertThat(Json.memberOf(bytes, "wanted")).contains(object("{\"k\":\"v\"}"));
        assertThatThrownBy(() -> Json.memberOf(bytes, "other"))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("not JSON");
        assertThat(Json.memberOf("{}".getBytes(StandardCharsets.UTF_8), "wanted"))
                .isEmpty();
        assertThatThrownBy(() -> Json.memberOf("[]".getBytes(StandardCharsets.UTF_8), "wanted"))
                .hasMessageContaining("not a JSON object");
    }

    @Test
    void membersAreReadByTheirType() {
        var object = object("{\"t\":\"x\",\"n\":-5,\"b\":true,\"o\":{\"k\":\"v\"},\"a\":[{\"i\":1}],\"s\":[\"p\"]}");

        assertThat(object.text("t")).isEqualTo("x");
        assertThat(object.number("n")).isEqualTo(-5);
        assertThat(object.flag("b")).isTrue();
        assertThat(object.object("o").text("k")).isEqualTo("v");
        assertThat(object.textMap("o")).containsExactly(Map.entry("k", "v"));
        assertThat(object.objects("a"))
                .singleElement()
                .satisfies(item -> assertThat(item.number("i")).isEqualTo(1));
        assertThat(object.texts("s")).containsExactly("p");
    }

    @Test
    void aMemberThatIsMissingOrNullIsAbsent() {
        var object = object("{\"null\":null}");

        for (var key : List.of("null", "missing")) {
            assertThat(object.has(key)).isFalse();
            assertThat(object.findText(key)).isEmpty();
            assertThat(object.textOrEmpty(key)).isEmpty();
            assertThat(object.numberOr(key, 7)).isEqualTo(7);
            assertThat(object.flag(key)).isFalse();
            assertThat(object.array(key)).isEmpty();
            assertThatThrownBy(() -> object.text(key)).hasMessage("\"" + key + "\" is missing");
        }
    }

    @Test
    void aMemberOfAnotherTypeIsNamed() {
        assertInvalid(() -> object("{\"n\":\"5\"}").number("n"), "\"n\" is a string, not a number");
        assertInvalid(() -> object("{\"n\":5}").text("n"), "\"n\" is a number, not a string");
        assertInvalid(() -> object("{\"n\":{}}").array("n"), "\"n\" is an object, not an array");
        assertInvalid(() -> object("{\"m\":{\"k\":1}}").textMap("m"), "\"m.k\" is a number, not a string");
    }

    @ParameterizedTest
    @ValueSource(strings = {"9223372036854775808", "1.5", "1e400000000", "1e-400000000"})
    void aNumberThatIsNoLongIsRefused(String number) {
        assertInvalid(() -> object("{\"n\":" + number + "}").number("n"), "\"n\" is not a 64-bit integer");
    }

    @Test
    void aNumberMayBeWrittenInAnyWayThatMeansALong() {
        assertThat(object("{\"n\":1.0e3}").number("n")).isEqualTo(1000);
        assertThat(object("{\"n\":-9223372036854775808}").number("n")).isEqualTo(Long.MIN_VALUE);
        assertThat(((Json.Num) Json.parse(bytes("0.1"))).value()).isEqualTo(new BigDecimal("0.1"));
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{\"a\":1,\"a\":2}",
                "{\"a\":1,\"\\u0061\":2}",
                "{\"x\":{\"a\":1,\"b\":2,\"a\":1}}",
                "{} {}",
                "{}x",
                "[1] 2",
                "\"a\",",
                "",
                "   ",
                "{",
                "[1,",
                "[1,]",
                "{\"a\":}",
                "{a:1}",
                "{'a':1}",
                "NaN",
                "[Infinity]",
                "01",
                "+1",
                ".5",
                "// x\n1",
                "\"tab\there\"",
                "\"\\x\"",
                "tru"
            })
    void whatIsNotOneStrictValueIsRefused(String text) {
        assertInvalid(() -> Json.parse(bytes(text)), "not JSON");
    }

    @Test
    void aByteOrderMarkIsRefused() {
        assertInvalid(() -> Json.parse(bytes("\uFEFF{}")), "byte order mark");
    }

    @Test
    void bytesThatAreNotUtf8AreRefused() {
        assertInvalid(() -> Json.parse(new byte[] {'"', (byte) 0xC3, '"'}), "not JSON");
        assertInvalid(() -> Json.parse(new byte[] {'"', (byte) 0xFF, '"'}), "not JSON");
    }

    @Test
    @Tag("T71")
    void nestingIsReadToItsLimitAndNoFurther() {
        for (var pair : List.of(List.of("[", "]"), List.of("{\"a\":", "}"))) {
            var open = pair.getFirst();
            var close = pair.getLast();
            var atLimit = open.repeat(Json.MAX_DEPTH) + "1" + close.repeat(Json.MAX_DEPTH);

            assertThat(Json.parse(bytes(atLimit))).isNotNull();
            assertInvalid(() -> Json.parse(bytes(open + atLimit + close)), "not JSON");
        }
    }

    @Test
    void onlyAnObjectIsAnObject() {
        assertInvalid(() -> Json.parseObject(bytes("[]")), "not a JSON object");
        assertThat(Json.parseObject(bytes(" { } ")).members()).isEmpty();
    }

    @Test
    void anObjectDoesNotChangeWithWhatItWasMadeOf() {
        var builder = Json.object().put("a", 1);
        var built = builder.build();

        builder.put("b", 2);

        assertThat(built.has("b")).isFalse();
        assertThatThrownBy(() -> built.members().clear()).isInstanceOf(UnsupportedOperationException.class);
    }

    private static Json.Obj object(String text) {
        return Json.parseObject(bytes(text));
    }

    private static byte[] bytes(String text) {
        return text.getBytes(StandardCharsets.UTF_8);
    }

    private static void assertInvalid(Runnable attempt, String message) {
        assertThatThrownBy(attempt::run)
                .isInstanceOfSatisfying(Failure.class, e -> assertThat(e.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(message);
    }
}
