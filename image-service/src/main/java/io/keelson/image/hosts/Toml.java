package io.keelson.image.hosts;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.toml.TomlFactory;

/** TOML 1.0 as a tree; what JSON has no type for is text. */
public final class Toml {
    private static final TomlFactory FACTORY = new TomlFactory();

    private Toml() {}

    /** @throws Failure INVALID, with the line */
    public static Json.Obj parse(byte[] bytes) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            parser.nextToken();
            return object(parser);
        } catch (JacksonException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    "not TOML: " + e.getOriginalMessage() + " at line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                    e);
        }
    }

    private static Json.Obj object(JsonParser parser) {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            parser.nextToken();
            members.put(name, value(parser));
        }
        return new Json.Obj(members);
    }

    private static Json value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> object(parser);
            case START_ARRAY -> {
                var items = new ArrayList<Json>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield new Json.Arr(items);
            }
            case VALUE_NUMBER_INT -> new Json.Num(parser.getDecimalValue());
            case VALUE_TRUE -> new Json.Bool(true);
            case VALUE_FALSE -> new Json.Bool(false);
            default -> new Json.Text(parser.getString());
        };
    }
}
