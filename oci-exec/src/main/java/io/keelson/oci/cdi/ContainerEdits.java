package io.keelson.oci.cdi;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.oci.spec.Hook;
import io.keelson.oci.spec.HookStage;
import io.keelson.oci.spec.Hooks;
import io.keelson.oci.spec.ProcessRequest;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.SpecDevice;
import io.keelson.oci.spec.SpecMount;
import io.keelson.oci.spec.SpecRequest;
import io.keelson.oci.spec.Texts;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/**
 * What a vendor wants changed in a container that gets its device (CDI, {@code containerEdits}).
 *
 * @param env entries {@code NAME=value}
 * @param unsupported keys of what no runtime here can do; asking for such a device fails, reading its file does not
 */
record ContainerEdits(
        List<String> env,
        List<DeviceNode> deviceNodes,
        List<SpecMount> mounts,
        Hooks hooks,
        List<Long> additionalGids,
        List<String> unsupported) {
    static final ContainerEdits NONE =
            new ContainerEdits(List.of(), List.of(), List.of(), Hooks.NONE, List.of(), List.of());

    private static final long MAX_NUMBER = 0xFFFF_FFFEL;
    private static final List<String> UNSUPPORTED = List.of("intelRdt", "netDevices");
    private static final Set<String> KEYS =
            Set.of("env", "deviceNodes", "mounts", "hooks", "additionalGids", "intelRdt", "netDevices");
    private static final Set<String> MOUNT_KEYS = Set.of("hostPath", "containerPath", "options", "type");

    ContainerEdits {
        env = List.copyOf(env);
        deviceNodes = List.copyOf(deviceNodes);
        mounts = List.copyOf(mounts);
        additionalGids = List.copyOf(additionalGids);
        unsupported = List.copyOf(unsupported);
    }

    /** @throws Failure INVALID for anything that is not known */
    static ContainerEdits fromJson(Json.Obj json) {
        json.requireOnly(KEYS);
        return new ContainerEdits(
                json.texts("env").stream().map(ContainerEdits::variable).toList(),
                json.objects("deviceNodes").stream().map(DeviceNode::fromJson).toList(),
                json.objects("mounts").stream().map(ContainerEdits::mount).toList(),
                json.objects("hooks").stream().map(ContainerEdits::hook).reduce(Hooks.NONE, Hooks::plus),
                json.numbers("additionalGids").stream()
                        .map(gid -> unsigned("additionalGids", gid))
                        .toList(),
                UNSUPPORTED.stream().filter(json::has).toList());
    }

    private static String variable(String entry) {
        if (entry.indexOf('=') <= 0) {
            throw Failure.invalid("environment variable " + Texts.quoted(entry) + " is not of the form NAME=value");
        }
        return entry;
    }

    private static Hooks hook(Json.Obj json) {
        var name = json.text("hookName");
        var stage = HookStage.find(name)
                .orElseThrow(() -> Failure.invalid("there is no hook of the name " + Texts.quoted(name)));
        var rest = Json.object();
        json.members().forEach((key, value) -> {
            if (!key.equals("hookName")) {
                rest.put(key, value);
            }
        });
        return Hooks.of(stage, Hook.fromJson(rest.build()));
    }

    /** Without a type it is a bind mount, also where the options do not say so. */
    private static SpecMount mount(Json.Obj json) {
        json.requireOnly(MOUNT_KEYS);
        var type = json.findText("type").filter(each -> !each.isEmpty()).orElse("bind");
        var options = new ArrayList<>(json.texts("options"));
        if (type.equals("bind") && !options.contains("bind") && !options.contains("rbind")) {
            options.add("rbind");
        }
        return new SpecMount(
                plainPath("mount", json.text("containerPath")),
                type,
                type.equals("bind") ? plainPath("mount", json.text("hostPath")) : json.text("hostPath"),
                options);
    }

    /** An absolute path that does not lead back up. */
    static String plainPath(String what, String path) {
        if (!path.startsWith("/")
                || path.chars().anyMatch(Character::isISOControl)
                || List.of(path.split("/", -1)).contains("..")) {
            throw Failure.invalid(what + ": " + Texts.quoted(path) + " is not a plain absolute path");
        }
        return path;
    }

    /** As users, groups and the numbers of devices are: 32 bits, and not the last of them. */
    static long unsigned(String what, long value) {
        if (value < 0 || value > MAX_NUMBER) {
            throw Failure.invalid("\"" + what + "\" cannot be " + value);
        }
        return value;
    }

    ContainerEdits plus(ContainerEdits others) {
        return new ContainerEdits(
                joined(env, others.env),
                joined(deviceNodes, others.deviceNodes),
                joined(mounts, others.mounts),
                hooks.plus(others.hooks),
                joined(additionalGids, others.additionalGids),
                joined(unsupported, others.unsupported));
    }

    private static <T> List<T> joined(List<T> first, List<T> second) {
        var all = new ArrayList<>(first);
        all.addAll(second);
        return all;
    }

    /**
     * What was asked for with these changes: a variable, node or mount takes the place of one of the same name.
     *
     * @throws Failure WRONG_STATE if a device is not on the host, or something is wanted that cannot be done
     */
    SpecRequest applyTo(SpecRequest request) {
        if (!unsupported.isEmpty()) {
            throw Failure.wrongState("it wants " + String.join(" and ", unsupported)
                    + ", which the runtimes of this node are not known to do");
        }
        var process = request.process();
        return request.with(
                edited(process),
                replaced(request.mounts(), mounts, SpecMount::destination),
                replaced(
                        request.devices(),
                        deviceNodes.stream()
                                .map(node -> node.resolve(process.user()))
                                .toList(),
                        SpecDevice::path),
                request.hooks().plus(hooks));
    }

    private ProcessRequest edited(ProcessRequest process) {
        var user = process.user();
        var groups = new LinkedHashSet<>(user.additionalGids());
        additionalGids.stream().filter(gid -> gid != 0).forEach(groups::add);
        return process.with(
                replaced(process.environment(), env, entry -> entry.substring(0, entry.indexOf('='))),
                new ProcessUser(user.uid(), user.gid(), List.copyOf(groups)));
    }

    private static <T> List<T> replaced(List<T> before, List<T> added, Function<T, String> name) {
        Map<String, T> byName = new LinkedHashMap<>();
        before.forEach(each -> byName.put(name.apply(each), each));
        added.forEach(each -> byName.put(name.apply(each), each));
        return List.copyOf(byName.values());
    }
}
