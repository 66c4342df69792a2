package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.RecordComponent;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * Makes a {@link Configuration} of files. A later file beats an earlier one, key by key; a list is replaced as a whole. The first
 * thing that is wrong stops it, with the file, the key, and what would be right.
 */
public final class ConfigurationReader {
    /** Where the daemon looks if it is not told otherwise. */
    public static final Path DEFAULT_FILE = Path.of("/etc/keelson/keelson.toml");

    private record Value(Path file, Json json) {}

    private final Map<String, Value> values = new LinkedHashMap<>();

    private ConfigurationReader() {}

    /** The file, if there is one, and the {@code *.toml} of the directory {@code keelson.d} beside it in lexical order. */
    public static Configuration load(Path file) {
        var files = new ArrayList<TomlFile>();
        if (Files.exists(file)) {
            files.add(TomlFile.read(file));
        } else if (!file.equals(DEFAULT_FILE)) {
            throw Failure.invalid("there is no configuration file " + file);
        }
        dropIns(file.resolveSibling("keelson.d")).forEach(each -> files.add(TomlFile.read(each)));
        return read(files);
    }

    private static List<Path> dropIns(Path directory) {
        if (!Files.isDirectory(directory)) {
            return List.of();
        }
        try (var entries = Files.list(directory)) {
            return entries.filter(each -> each.getFileName().toString().endsWith(".toml"))
                    .sorted()
                    .toList();
        } catch (IOException e) {
            throw new Failure(Failure.Kind.INVALID, "cannot list " + directory + ": " + e, e);
        }
    }

    static Configuration read(List<TomlFile> files) {
        var reader = new ConfigurationReader();
        for (var file : files) {
            reader.collect(Configuration.class, file.tree(), "", file.path());
        }
        return reader.table(Configuration.class, "");
    }

    /** Flattens a table to values by their full keys, and refuses what is unknown. */
    private void collect(Class<?> table, Json.Obj tree, String prefix, Path file) {
        tree.members().forEach((key, json) -> {
            var component = Settings.find(table, key)
                    .orElseThrow(() -> Settings.unknown(table, prefix, key).during(file.toString()));
            collect(component, json, prefix + key, file);
        });
    }

    private void collect(RecordComponent component, Json json, String key, Path file) {
        if (component.getType().isRecord()) {
            collect(component.getType(), tableAt(json, key, file), key + ".", file);
        } else if (component.getType() == Map.class) {
            tableAt(json, key, file).members().forEach((name, entry) -> {
                values.put(key + "." + name, new Value(file, entry));
                collect(
                        SettingValue.entryType(component),
                        tableAt(entry, key + "." + name, file),
                        key + "." + name + ".",
                        file);
            });
        } else {
            values.put(key, new Value(file, json));
        }
    }

    private static Json.Obj tableAt(Json json, String key, Path file) {
        if (json instanceof Json.Obj table) {
            return table;
        }
        throw Failure.invalid(file + ": \"" + key + "\" is a table: write [" + key + "]");
    }

    private <T> T table(Class<T> type, String prefix) {
        var components = type.getRecordComponents();
        var types = new Class<?>[components.length];
        var arguments = new Object[components.length];
        for (var i = 0; i < components.length; i++) {
            types[i] = components[i].getType();
            arguments[i] = value(components[i], prefix + Settings.key(components[i]));
        }
        try {
            return type.getDeclaredConstructor(types).newInstance(arguments);
        } catch (InvocationTargetException e) {
            if (e.getCause() instanceof Failure failure) {
                throw failure;
            }
            throw new IllegalStateException(e);
        } catch (ReflectiveOperationException e) {
            throw new IllegalStateException(e);
        }
    }

    private Object value(RecordComponent component, String key) {
        var type = component.getType();
        if (type.isRecord()) {
            return table(type, key + ".");
        }
        if (type == Map.class) {
            var entries = new LinkedHashMap<String, Object>();
            for (var full : List.copyOf(values.keySet())) {
                if (full.startsWith(key + ".") && full.indexOf('.', key.length() + 1) < 0) {
                    entries.put(full.substring(key.length() + 1), table(SettingValue.entryType(component), full + "."));
                }
            }
            return entries;
        }
        var set = values.get(key);
        if (set == null) {
            return SettingValue.ofDefault(component);
        }
        try {
            return SettingValue.of(component, set.json());
        } catch (Failure e) {
            throw e.during(set.file() + ": \"" + key + "\"");
        }
    }
}
