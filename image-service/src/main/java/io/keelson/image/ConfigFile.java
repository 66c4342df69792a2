package io.keelson.image;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.image.blob.ManifestDocument;
import io.keelson.image.blob.Platform;
import io.keelson.image.reference.Digest;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Reads an image's config (OCI image spec, config). What cannot be meant is refused; what is merely no use is left out, so that
 * all who ask see the same: environment entries without a name or {@code =}, and a stop signal that does not exist.
 */
final class ConfigFile {
    /** Most entries of env, entrypoint, cmd, volumes, labels and ports each. */
    static final int MAX_ENTRIES = 10_000;
    /** Longest of those entries: what execve(2) takes as one argument (MAX_ARG_STRLEN). */
    static final int MAX_ENTRY_LENGTH = 128 * 1024 - 1;

    private ConfigFile() {}

    /** @throws Failure INVALID naming the field */
    static ImageConfig parse(byte[] bytes) {
        try {
            return parse(Json.parseObject(bytes));
        } catch (Failure e) {
            throw e.during("image config");
        }
    }

    private static ImageConfig parse(Json.Obj json) {
        var config = json.findObject("config").orElseGet(() -> Json.object().build());
        return new ImageConfig(
                Platform.ofConfig(json),
                env(config),
                texts(config, "Entrypoint"),
                texts(config, "Cmd"),
                text(config, "WorkingDir"),
                text(config, "User"),
                keys(config, "Volumes"),
                labels(config),
                StopSignals.known(text(config, "StopSignal")),
                keys(config, "ExposedPorts"),
                diffIds(json));
    }

    private static List<String> env(Json.Obj config) {
        return texts(config, "Env").stream()
                .filter(entry -> entry.indexOf('=') > 0)
                .toList();
    }

    private static List<String> texts(Json.Obj config, String key) {
        var texts = config.texts(key);
        checkCount(key, texts.size());
        texts.forEach(text -> checked(key, text));
        return texts;
    }

    private static String text(Json.Obj config, String key) {
        return checked(key, config.textOrEmpty(key));
    }

    private static Set<String> keys(Json.Obj config, String key) {
        var keys =
                config.findObject(key).map(object -> object.members().keySet()).orElse(Set.of());
        checkCount(key, keys.size());
        keys.forEach(text -> checked(key, text));
        return keys;
    }

    private static Map<String, String> labels(Json.Obj config) {
        var labels = config.textMap("Labels");
        checkCount("Labels", labels.size());
        return labels;
    }

    private static List<Digest> diffIds(Json.Obj json) {
        var rootfs = json.object("rootfs");
        if (!rootfs.textOrEmpty("type").equals("layers")) {
            throw Failure.invalid("rootfs.type is \"" + rootfs.textOrEmpty("type") + "\", not \"layers\"");
        }
        var diffIds = rootfs.texts("diff_ids");
        if (diffIds.size() > ManifestDocument.MAX_LAYERS) {
            throw Failure.invalid("rootfs.diff_ids has " + diffIds.size() + " entries");
        }
        return diffIds.stream().map(Digest::parse).toList();
    }

    private static void checkCount(String key, int count) {
        if (count > MAX_ENTRIES) {
            throw Failure.invalid(key + " has " + count + " entries, more than " + MAX_ENTRIES);
        }
    }

    private static String checked(String key, String text) {
        if (text.length() > MAX_ENTRY_LENGTH) {
            throw Failure.invalid("an entry of " + key + " is longer than " + MAX_ENTRY_LENGTH + " characters");
        }
        if (text.indexOf('\0') >= 0) {
            throw Failure.invalid("an entry of " + key + " contains NUL");
        }
        return text;
    }
}
