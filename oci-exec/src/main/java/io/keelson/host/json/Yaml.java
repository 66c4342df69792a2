package io.keelson.host.json;

import io.keelson.host.failure.Failure;
import java.math.BigDecimal;
import java.math.BigInteger;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.snakeyaml.engine.v2.api.Load;
import org.snakeyaml.engine.v2.api.LoadSettings;
import org.snakeyaml.engine.v2.exceptions.YamlEngineException;
import org.snakeyaml.engine.v2.schema.JsonSchema;

/**
 * YAML 1.2 as the JSON that it means, as strict as {@link Json}. Scalars are what they are in JSON: {@code yes} and {@code 0660}
 * are strings, which two YAML readers would otherwise take for different things. Tags that are not JSON's, and references to what
 * was written before (aliases of lists and maps), are refused.
 */
public final class Yaml {
    private static final String LABEL = "yaml";

    private Yaml() {}

    /**
     * Reads one document in UTF-8. The caller bounds the number of bytes.
     *
     * @throws Failure INVALID, with line and column
     */
    public static Json parse(byte[] bytes) {
        var settings = LoadSettings.builder()
                .setLabel(LABEL)
                .setSchema(new JsonSchema())
                .setAllowDuplicateKeys(false)
                .setAllowRecursiveKeys(false)
                .setMaxAliasesForCollections(0)
                .setCodePointLimit(bytes.length + 1)
                .build();
        try {
            return json(new Load(settings).loadFromString(text(bytes)), 0);
        } catch (YamlEngineException e) {
            throw new Failure(Failure.Kind.INVALID, "not YAML: " + e.getMessage(), e);
        } catch (StackOverflowError e) {
            throw new Failure(Failure.Kind.INVALID, "not YAML: nested too deeply", e);
        }
    }

    /** Reads one document that must be a map. */
    public static Json.Obj parseObject(byte[] bytes) {
        if (parse(bytes) instanceof Json.Obj object) {
            return object;
        }
        throw Failure.invalid("not a YAML map");
    }

    private static String text(byte[] bytes) {
        try {
            return StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(bytes))
                    .toString();
        } catch (CharacterCodingException e) {
            throw new Failure(Failure.Kind.INVALID, "not YAML: not UTF-8", e);
        }
    }

    private static Json json(@Nullable Object value, int depth) {
        if (depth > Json.MAX_DEPTH) {
            throw Failure.invalid("not YAML: nested deeper than " + Json.MAX_DEPTH);
        }
        return switch (value) {
            case null -> new Json.Null();
            case String text -> new Json.Text(text);
            case Boolean flag -> new Json.Bool(flag);
            case Integer number -> Json.number(number);
            case Long number -> Json.number(number);
            case BigInteger number -> new Json.Num(new BigDecimal(number));
            case Double number when Double.isFinite(number) -> new Json.Num(BigDecimal.valueOf(number));
            case List<?> items ->
                new Json.Arr(items.stream().map(item -> json(item, depth + 1)).toList());
            case Map<?, ?> members -> object(members, depth);
            default -> throw Failure.invalid("not YAML: a value that JSON does not have");
        };
    }

    private static Json.Obj object(Map<?, ?> members, int depth) {
        var json = Json.object();
        members.forEach((key, value) -> {
            if (!(key instanceof String name)) {
                throw Failure.invalid("not YAML: the key " + key + " is not a string");
            }
            json.put(name, json(value, depth + 1));
        });
        return json.build();
    }
}
