package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.dataformat.toml.TomlFactory;

/** A TOML 1.0 file as a tree. Loaded only when there is a file to read. */
record TomlFile(Path path, Json.Obj tree) {
    private static final int LIMIT_BYTES = 1024 * 1024;

    static TomlFile read(Path path) {
        try {
            if (Files.size(path) > LIMIT_BYTES) {
                throw Failure.invalid(path + ": longer than " + LIMIT_BYTES + " bytes");
            }
            return parse(path, Files.readString(path, StandardCharsets.UTF_8));
        } catch (IOException e) {
            throw new Failure(Failure.Kind.INVALID, "cannot read " + path + ": " + e, e);
        }
    }

    static TomlFile parse(Path path, String text) {
        try (var parser = new TomlFactory().createParser(ObjectReadContext.empty(), text)) {
            parser.nextToken();
            return new TomlFile(path, table(parser));
        } catch (JacksonException e) {
            var at = e.getLocation() == null
                    ? ""
                    : ":" + e.getLocation().getLineNr() + ":" + e.getLocation().getColumnNr();
            throw new Failure(Failure.Kind.INVALID, path + at + ": " + e.getOriginalMessage(), e);
        }
    }

    private static Json.Obj table(JsonParser parser) {
        var members = new LinkedHashMap<String, Json>();
        while (parser.nextToken() != JsonToken.END_OBJECT) {
            var key = parser.currentName();
            parser.nextToken();
            members.put(key, value(parser));
        }
        return new Json.Obj(members);
    }

    private static Json value(JsonParser parser) {
        return switch (parser.currentToken()) {
            case START_OBJECT -> table(parser);
            case START_ARRAY -> {
                var items = new ArrayList<Json>();
                while (parser.nextToken() != JsonToken.END_ARRAY) {
                    items.add(value(parser));
                }
                yield new Json.Arr(items);
            }
            case VALUE_NUMBER_INT -> new Json.Num(new BigDecimal(parser.getBigIntegerValue()));
            case VALUE_TRUE -> new Json.Bool(true);
            case VALUE_FALSE -> new Json.Bool(false);
            default -> new Json.Text(parser.getString());
        };
    }
}
