package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * A network: plugins that are run one after the other (CNI 1.1, section 1).
 *
 * @param version the one that the plugins are spoken to in
 * @param offered every version that the configuration allows, the highest first
 * @param source the whole object, as it is kept for the day on which the pod is detached
 */
record NetworkConfiguration(
        String name,
        CniVersion version,
        List<CniVersion> offered,
        boolean disablesCheck,
        boolean disablesGc,
        List<PluginConfiguration> plugins,
        Json.Obj source) {
    static final int LIMIT_BYTES = 1024 * 1024;
    private static final int MAX_PLUGINS = 64;
    private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,255}");

    /** Reads a list ({@code .conflist}), or a single plugin ({@code .conf}), which is a list of one. */
    static NetworkConfiguration parse(byte[] bytes) {
        return of(Json.parseObject(bytes));
    }

    static NetworkConfiguration of(Json.Obj file) {
        var list = file.has("plugins") ? file : listOfOne(file);
        var name = list.text("name");
        if (!NAME.matcher(name).matches()) {
            throw Failure.invalid("\"name\" is not the name of a network: \"" + name + "\"");
        }
        var plugins =
                list.objects("plugins").stream().map(PluginConfiguration::parse).toList();
        if (plugins.isEmpty() || plugins.size() > MAX_PLUGINS) {
            throw Failure.invalid("\"plugins\" has " + plugins.size() + " plugins, not 1 to " + MAX_PLUGINS);
        }
        var offered = versions(list);
        return new NetworkConfiguration(
                name,
                offered.getFirst(),
                offered,
                isSet(list, "disableCheck"),
                isSet(list, "disableGC"),
                plugins,
                list);
    }

    /** Spoken to in another of the versions that it allows. */
    NetworkConfiguration in(CniVersion other) {
        return new NetworkConfiguration(name, other, offered, disablesCheck, disablesGc, plugins, source);
    }

    private static Json.Obj listOfOne(Json.Obj plugin) {
        if (!plugin.has("type")) {
            throw Failure.invalid("\"plugins\" is missing");
        }
        var members = new LinkedHashMap<String, Json>();
        for (var key : List.of("cniVersion", "cniVersions", "name")) {
            plugin.find(key).ifPresent(value -> members.put(key, value));
        }
        members.put("plugins", new Json.Arr(List.of(plugin)));
        return new Json.Obj(members);
    }

    private static List<CniVersion> versions(Json.Obj list) {
        var stated = new TreeSet<CniVersion>();
        list.findText("cniVersion").map(CniVersion::parse).ifPresent(stated::add);
        list.texts("cniVersions").stream().map(CniVersion::parse).forEach(stated::add);
        if (stated.isEmpty()) {
            stated.add(CniVersion.UNSTATED);
        }
        var supported =
                stated.descendingSet().stream().filter(CniVersion::isSupported).toList();
        if (supported.isEmpty()) {
            throw Failure.invalid("CNI version " + stated + " is not among those supported: " + CniVersion.SUPPORTED);
        }
        return supported;
    }

    /** Older configurations write it as a string. */
    private static boolean isSet(Json.Obj list, String key) {
        return list.find(key)
                .filter(value -> value.equals(new Json.Bool(true)) || value.equals(Json.text("true")))
                .isPresent();
    }

    /** What runs of this plugin get beside its configuration. */
    Json.Obj request(PluginConfiguration plugin, Map<String, Json> more) {
        return plugin.request(name, version, more);
    }
}
