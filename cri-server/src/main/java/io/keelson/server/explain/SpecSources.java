package io.keelson.server.explain;

import io.keelson.host.json.Json;
import io.keelson.image.ImageConfig;
import io.keelson.pod.container.ContainerConfig;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * Where each field of a {@code config.json} comes from, by its JSON pointer (RFC 6901): a mount, a device, a hook and a variable are one
 * field, whatever has values of its own is one each.
 */
final class SpecSources {
    static final String REQUEST = "CRI request";
    static final String IMAGE = "image";
    static final String NODE = "node configuration";
    static final String CDI = "CDI";
    static final String HOOK = "hook";
    static final String KEELSON = "Keelson";

    private static final Pattern WHOLE =
            Pattern.compile("/(mounts|linux/devices|linux/namespaces|linux/resources/devices|process/rlimits"
                    + "|linux/seccomp|linux/uidMappings|linux/gidMappings|hooks/[a-zA-Z]+)/[0-9]+|/linux/seccomp");
    private static final int LONGEST_VALUE = 60;

    /** One field. */
    record Source(String pointer, String value, String from) {
        String shown() {
            var line = value.replaceAll("\\p{Cntrl}", "?");
            return line.length() <= LONGEST_VALUE ? line : line.substring(0, LONGEST_VALUE - 1) + "…";
        }
    }

    private final ContainerConfig config;
    private final Optional<ImageConfig> image;
    private final Map<String, Path> hooks;

    /**
     * @param image absent if it is gone
     * @param hooks files of the hook directories, by the programs that they name
     */
    SpecSources(ContainerConfig config, Optional<ImageConfig> image, Map<String, Path> hooks) {
        this.config = config;
        this.image = image;
        this.hooks = hooks;
    }

    List<Source> of(Json.Obj spec) {
        var sources = new ArrayList<Source>();
        collect("", spec, sources);
        return sources;
    }

    private void collect(String pointer, Json value, List<Source> sources) {
        if (WHOLE.matcher(pointer).matches()) {
            sources.add(new Source(pointer, text(value), from(pointer, value)));
            return;
        }
        switch (value) {
            case Json.Obj object ->
                object.members()
                        .forEach((key, member) ->
                                collect(pointer + "/" + key.replace("~", "~0").replace("/", "~1"), member, sources));
            case Json.Arr array -> {
                for (var at = 0; at < array.items().size(); at++) {
                    collect(pointer + "/" + at, array.items().get(at), sources);
                }
            }
            default -> sources.add(new Source(pointer, text(value), from(pointer, value)));
        }
    }

    private static String text(Json value) {
        return value instanceof Json.Text(var text)
                ? text
                : value instanceof Json.Obj object
                        ? new String(object.toBytes(), StandardCharsets.UTF_8)
                        : plain(value);
    }

    private static String plain(Json value) {
        var text = new String(Json.object().put("v", value).build().toBytes(), StandardCharsets.UTF_8);
        return text.substring("{\"v\":".length(), text.length() - 1);
    }

    private String from(String pointer, Json value) {
        var words = pointer.substring(1).split("/", -1);
        return switch (words[0]) {
            case "process" -> process(words, text(value));
            case "mounts" -> mount((Json.Obj) value);
            case "hooks" -> hook((Json.Obj) value);
            case "annotations" -> annotation(words[1]);
            case "root" -> words[1].equals("readonly") ? REQUEST : KEELSON;
            case "linux" -> linux(words, value);
            default -> KEELSON;
        };
    }

    private String process(String[] words, String value) {
        return switch (words[1]) {
            case "args" -> argument(Integer.parseInt(words[2]));
            case "env" -> variable(value);
            case "cwd" ->
                !config.workingDir().isEmpty()
                        ? REQUEST
                        : image.filter(known -> !known.workingDir().isEmpty()).isPresent() ? IMAGE : KEELSON;
            case "user" -> user(words[2], value);
            case "rlimits" -> NODE;
            case "terminal", "noNewPrivileges", "apparmorProfile", "selinuxLabel", "oomScoreAdj" -> REQUEST;
            case "capabilities" -> changesCapabilities() ? KEELSON + " and " + REQUEST : KEELSON;
            default -> KEELSON;
        };
    }

    private String argument(int at) {
        if (!config.command().isEmpty()) {
            return REQUEST;
        }
        var entrypoint = image.map(known -> known.entrypoint().size()).orElse(0);
        return config.args().isEmpty() || at < entrypoint ? IMAGE : REQUEST;
    }

    private String variable(String entry) {
        var name = entry.split("=", 2)[0];
        if (config.env().stream().anyMatch(each -> (each.name() + "=" + each.value()).equals(entry))) {
            return REQUEST;
        }
        if (image.filter(known -> known.env().contains(entry)).isPresent()) {
            return IMAGE;
        }
        return List.of("PATH", "TERM", "HOSTNAME", "HOME").contains(name) || asksForNoDevices() ? KEELSON : CDI;
    }

    private boolean asksForNoDevices() {
        return config.cdiDevices().isEmpty()
                && config.annotations().keySet().stream().noneMatch(key -> key.startsWith("cdi.k8s.io/"));
    }

    private String user(String field, String value) {
        var security = config.security();
        var isAsked =
                security.runAsUser().isPresent() || !security.runAsUsername().isEmpty();
        return switch (field) {
            case "uid" -> isAsked ? REQUEST : ofImage();
            case "gid" -> security.runAsGroup().isPresent() ? REQUEST : isAsked ? REQUEST + " and " + IMAGE : ofImage();
            default ->
                security.supplementalGroups().stream().map(String::valueOf).anyMatch(value::equals)
                        ? REQUEST
                        : asksForNoDevices() ? ofImage() : ofImage() + " or " + CDI;
        };
    }

    private String ofImage() {
        return image.filter(known -> !known.user().isEmpty()).isPresent() ? IMAGE : KEELSON;
    }

    private boolean changesCapabilities() {
        var security = config.security();
        return security.privileged()
                || !security.addCapabilities().isEmpty()
                || !security.dropCapabilities().isEmpty()
                || !security.addAmbientCapabilities().isEmpty();
    }

    private String mount(Json.Obj mount) {
        var destination = mount.textOrEmpty("destination");
        if (config.mounts().stream()
                .anyMatch(each ->
                        Path.of(each.containerPath()).normalize().toString().equals(destination))) {
            return REQUEST;
        }
        return asksForNoDevices() || isUsual(destination) ? KEELSON : CDI;
    }

    private static boolean isUsual(String destination) {
        return List.of("/proc", "/dev", "/sys", "/etc/hosts", "/etc/hostname", "/etc/resolv.conf").stream()
                .anyMatch(usual -> destination.equals(usual)
                        || (!usual.startsWith("/etc") && destination.startsWith(usual + "/")));
    }

    private String hook(Json.Obj hook) {
        var file = hooks.get(hook.textOrEmpty("path"));
        return file != null ? HOOK + " " + file : asksForNoDevices() ? HOOK : CDI;
    }

    private String annotation(String escaped) {
        var key = escaped.replace("~1", "/").replace("~0", "~");
        return config.annotations().containsKey(key) ? REQUEST : KEELSON;
    }

    private String linux(String[] words, Json value) {
        return switch (words[1]) {
            case "resources" -> words[2].equals("devices") ? KEELSON : REQUEST;
            case "devices" -> device((Json.Obj) value);
            case "seccomp" -> REQUEST;
            case "cgroupsPath" -> REQUEST + " and " + KEELSON;
            case "maskedPaths" -> config.security().maskedPaths().contains(text(value)) ? REQUEST : KEELSON;
            case "readonlyPaths" -> config.security().readonlyPaths().contains(text(value)) ? REQUEST : KEELSON;
            case "mountLabel" -> REQUEST;
            default -> KEELSON;
        };
    }

    private String device(Json.Obj device) {
        var path = device.textOrEmpty("path");
        return config.security().privileged()
                        || config.devices().stream().anyMatch(each -> path.startsWith(each.containerPath()))
                ? REQUEST
                : asksForNoDevices() ? KEELSON : CDI;
    }
}
