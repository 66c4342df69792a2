package io.keelson.oci.cdi;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.Inodes.Stat;
import io.keelson.oci.spec.ProcessUser;
import io.keelson.oci.spec.SpecDevice;
import io.keelson.oci.spec.Texts;
import java.nio.file.Path;
import java.util.Optional;
import java.util.Set;

/**
 * A device node for a container; what is not said is as it is on the host (CDI, {@code deviceNodes}).
 *
 * @param path in the container
 * @param hostPath where it is looked at on the host
 */
record DeviceNode(
        String path,
        Path hostPath,
        Optional<String> type,
        Optional<Long> major,
        Optional<Long> minor,
        Optional<Long> mode,
        Optional<Long> uid,
        Optional<Long> gid,
        String permissions) {
    private static final Set<String> KEYS =
            Set.of("path", "hostPath", "type", "major", "minor", "fileMode", "permissions", "uid", "gid");
    private static final Set<String> TYPES = Set.of("b", "c", "p");
    private static final String ALL_PERMISSIONS = "rwm";
    private static final int ALL_MODE_BITS = 07777;
    private static final int USUAL_MODE = 0666;

    static DeviceNode fromJson(Json.Obj json) {
        json.requireOnly(KEYS);
        var path = json.text("path");
        return new DeviceNode(
                path,
                Path.of(ContainerEdits.plainPath(
                        "device node", json.findText("hostPath").orElse(path))),
                json.findText("type").filter(type -> !type.isEmpty()).map(type -> type.equals("u") ? "c" : type),
                number(json, "major"),
                number(json, "minor"),
                number(json, "fileMode"),
                number(json, "uid"),
                number(json, "gid"),
                json.findText("permissions").filter(text -> !text.isEmpty()).orElse(ALL_PERMISSIONS));
    }

    private static Optional<Long> number(Json.Obj json, String key) {
        return json.findNumber(key).map(value -> ContainerEdits.unsigned(key, value));
    }

    /** @throws Failure INVALID */
    DeviceNode {
        ContainerEdits.plainPath("device node", path);
        type.filter(each -> !TYPES.contains(each)).ifPresent(each -> {
            throw Failure.invalid("there is no type " + Texts.quoted(each) + " of device nodes");
        });
        if (!permissions.chars().allMatch(each -> ALL_PERMISSIONS.indexOf(each) >= 0)) {
            throw Failure.invalid("permissions " + Texts.quoted(permissions) + " are not of rwm");
        }
        mode.filter(bits -> bits > ALL_MODE_BITS).ifPresent(bits -> {
            throw Failure.invalid("fileMode " + bits + " has more than permissions");
        });
    }

    /**
     * The node as the container gets it. Without an owner of its own it belongs to the container's user, who could not open it
     * otherwise.
     *
     * @throws Failure WRONG_STATE if the host has no such device, or one of another type
     */
    SpecDevice resolve(ProcessUser user) {
        var found = isComplete() ? Optional.<Stat>empty() : Optional.of(onHost());
        return new SpecDevice(
                path,
                type.orElseGet(() -> typeOf(found.orElseThrow())),
                major.orElseGet(() -> found.map(Stat::specialMajor).orElse(0).longValue()),
                minor.orElseGet(() -> found.map(Stat::specialMinor).orElse(0).longValue()),
                mode.map(Long::intValue)
                        .orElseGet(() ->
                                found.map(stat -> stat.mode() & ALL_MODE_BITS).orElse(USUAL_MODE)),
                uid.orElseGet(() -> user.isRoot() ? found.map(Stat::uid).orElse(0L) : user.uid()),
                gid.orElseGet(() -> user.gid() == 0 ? found.map(Stat::gid).orElse(0L) : user.gid()),
                permissions);
    }

    /** Whether the host need not have it: a pipe has no numbers. */
    private boolean isComplete() {
        return type.filter(each -> each.equals("p")).isPresent()
                || (type.isPresent() && major.isPresent() && minor.isPresent());
    }

    private Stat onHost() {
        var what = "device " + hostPath + " of the host";
        var stat = Inodes.lstat(hostPath).orElseThrow(() -> Failure.wrongState(what + " is not there"));
        var actual = typeOf(stat);
        if (actual.isEmpty()) {
            throw Failure.wrongState(what + " is no device");
        }
        type.filter(each -> !each.equals(actual)).ifPresent(each -> {
            throw Failure.wrongState(what + " is of type " + actual + ", and not " + each);
        });
        return stat;
    }

    private static String typeOf(Stat stat) {
        return switch (stat.mode() & Inodes.S_IFMT) {
            case Inodes.S_IFCHR -> "c";
            case Inodes.S_IFBLK -> "b";
            case Inodes.S_IFIFO -> "p";
            default -> "";
        };
    }
}
