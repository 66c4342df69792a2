package io.keelson.host.json;

import io.keelson.host.failure.Failure;
import java.io.ByteArrayOutputStream;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonGenerator;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.ObjectWriteContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.json.JsonFactory;

/** Between bytes and {@link Json}. */
final class JsonCodec {
    private static final JsonFactory FACTORY = JsonFactory.builder()
            .disable(StreamReadFeature.INCLUDE_SOURCE_IN_LOCATION)
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(Json.MAX_DEPTH)
                    .maxNumberLength(100)
                    .build())
            .build();

    private JsonCodec() {}

    static Json parse(byte[] bytes) {
        if (bytes.length >= 3 && bytes[0] == (byte) 0xEF && bytes[1] == (byte) 0xBB && bytes[2] == (byte) 0xBF) {
            throw Failure.invalid("not JSON: begins with a byte order mark");
        }
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() == null) {
                throw Failure.invalid("not JSON: empty");
            }
            var value = read(parser);
            if (parser.nextToken() != null) {
                throw Failure.invalid("not JSON: data after the value at " + at(parser));
            }
            return value;
        } catch (JacksonException e) {
            throw new Failure(
                    Failure.Kind.INVALID,
                    "not JSON: " + e.getOriginalMessage() + " at line "
                            + (e.getLocation() == null ? 0 : e.getLocation().getLineNr()),
                    e);
        }
    }

    static Optional<Json> member(byte[] bytes, String key) {
        try (var parser = FACTORY.createParser(ObjectReadContext.empty(), bytes)) {
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw Failure.invalid("not a JSON object");
            }
            while (parser.nextToken() != JsonToken.END_OBJECT) {
                var isWanted = parser.currentName().equals(key);
                parser.nextToken();
                if (isWanted) {
                    return Optional.of(read(parser));
                }
                parser.skipChildren();
            }
            return Optional.empty();
        } catch (JacksonException e) {
            throw new Failure(Failure.Kind.INVALID, "not JSON: " + e.getOriginalMessage(), e);
        }
    }

    static byte[] write(Json value) {
        var bytes = new ByteArrayOutputStream(512);
        try (var generator = FACTORY.createGenerator(ObjectWriteContext.empty(), bytes)) {
            write(generator, value);
        }
        return bytes.toByteArray();
    }

    private static Json read(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> readObject(parser);
            case START_ARRAY -> {
                var items = new ArrayList<Json>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(read(parser));
                }
                yield new Json.Arr(items);
            }
            case VALUE_STRING -> new Json.Text(parser.getString());
            case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> number(parser);
            case VALUE_TRUE -> new Json.Bool(true);
            case VALUE_FALSE -> new Json.Bool(false);
            case VALUE_NULL -> new Json.Null();
            case END_OBJECT, END_ARRAY, PROPERTY_NAME, VALUE_EMBEDDED_OBJECT, NOT_AVAILABLE ->
                throw Failure.invalid("not JSON: unexpected token at " + at(parser));
        };
    }

    /** Exponents have a limit that digits say nothing of. */
    private static Json.Num number(JsonParser parser) {
        try {
            var isSmall = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                    && parser.getNumberType() != JsonParser.NumberType.BIG_INTEGER;
            return new Json.Num(isSmall ? BigDecimal.valueOf(parser.getLongValue()) : parser.getDecimalValue());
        } catch (NumberFormatException e) {
            throw new Failure(Failure.Kind.INVALID, "not JSON: a number out of all bounds at " + at(parser), e);
        }
    }

    private static Json readObject(JsonParser parser) {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var name = parser.currentName();
            parser.nextToken();
            if (members.put(name, read(parser)) != null) {
                throw Failure.invalid("not JSON: duplicate key \"" + name + "\" at " + at(parser));
            }
        }
        return new Json.Obj(members);
    }

    private static void write(JsonGenerator generator, Json value) {
        switch (value) {
            case Json.Obj(var members) -> {
                generator.writeStartObject();
                members.forEach((name, member) -> {
                    generator.writeName(name);
                    write(generator, member);
                });
                generator.writeEndObject();
            }
            case Json.Arr(var items) -> {
                generator.writeStartArray();
                items.forEach(item -> write(generator, item));
                generator.writeEndArray();
            }
            case Json.Text(var text) -> generator.writeString(text);
            case Json.Num(var number) -> generator.writeNumber(number);
            case Json.Bool(var flag) -> generator.writeBoolean(flag);
            case Json.Null() -> generator.writeNull();
            case Json.Written(var bytes) -> generator.writeRawValue(new String(bytes, StandardCharsets.UTF_8));
        }
    }

    private static String at(JsonParser parser) {
        return "line " + parser.currentTokenLocation().getLineNr();
    }
}
