package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One plugin of a network, as its configuration has it.
 *
 * @param type the name of the program; never a path (CVE-2021-20206)
 * @param source the whole object
 */
record PluginConfiguration(String type, Json.Obj source) {
    private static final Pattern PROGRAM_NAME = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9._+-]{0,127}");

    static PluginConfiguration parse(Json.Obj source) {
        var type = program("type", source.text("type"));
        source.find("ipam")
                .filter(Json.Obj.class::isInstance)
                .map(Json.Obj.class::cast)
                .map(ipam -> ipam.textOrEmpty("type"))
                .filter(delegate -> !delegate.isEmpty())
                .ifPresent(delegate -> program("ipam.type", delegate));
        return new PluginConfiguration(type, source);
    }

    private static String program(String key, String name) {
        if (!PROGRAM_NAME.matcher(name).matches()) {
            throw Failure.invalid("\"" + key + "\" is not the name of a program: \"" + name + "\"");
        }
        return name;
    }

    /** The capabilities that it claims (CNI conventions, dynamic plugin specific fields). */
    Set<String> capabilities() {
        var claimed = new LinkedHashSet<String>();
        source.findObject("capabilities")
                .ifPresent(each -> each.members().forEach((name, value) -> {
                    if (value.equals(new Json.Bool(true))) {
                        claimed.add(name);
                    }
                }));
        return claimed;
    }

    /**
     * What the plugin reads (CNI 1.1, section 3, "Deriving request configuration from plugin configuration").
     *
     * @param more {@code prevResult}, {@code runtimeConfig} and the like
     */
    Json.Obj request(String networkName, CniVersion version, Map<String, Json> more) {
        var members = new LinkedHashMap<>(source.members());
        members.keySet().removeAll(Set.of("capabilities", "runtimeConfig", "prevResult"));
        members.put("cniVersion", Json.text(version.toString()));
        members.put("name", Json.text(networkName));
        members.putAll(more);
        return new Json.Obj(members);
    }
}
