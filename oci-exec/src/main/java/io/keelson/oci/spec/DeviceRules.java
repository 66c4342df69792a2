package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import java.util.ArrayList;
import java.util.List;

/**
 * {@code linux.resources.devices}: what the device cgroup allows. The first rule denies everything, without which runtimes take
 * the list for one of exceptions.
 */
final class DeviceRules {
    static final List<Json.Obj> ALL_ALLOWED = List.of(rule(true, "a", "rwm"));

    private static final Json.Obj ALL_DENIED = rule(false, "a", "rwm");
    /** Named pipes are no devices to the kernel. */
    private static final String PIPE = "p";

    private static final int MEMORY = 1;
    private static final int TERMINAL = 5;
    private static final int PSEUDO_TERMINAL = 136;

    private DeviceRules() {}

    static List<Json.Obj> allowing(List<SpecDevice> devices) {
        var rules = new ArrayList<Json.Obj>();
        rules.add(ALL_DENIED);
        // Making a node is harmless, opening it is what the rules below are for.
        rules.add(rule(true, "c", "m"));
        rules.add(rule(true, "b", "m"));
        // null, zero, full, random, urandom; tty, ptmx; pseudo-terminals.
        for (var minor : new int[] {3, 5, 7, 8, 9}) {
            rules.add(rule("c", MEMORY, minor, "rwm"));
        }
        rules.add(rule("c", TERMINAL, 0, "rwm"));
        rules.add(rule("c", TERMINAL, 2, "rwm"));
        rules.add(Json.object()
                .put("allow", true)
                .put("type", "c")
                .put("major", PSEUDO_TERMINAL)
                .put("access", "rwm")
                .build());
        for (var device : devices) {
            if (device.type().equals(PIPE)) {
                continue;
            }
            rules.add(rule(device.type(), device.major(), device.minor(), device.permissions()));
        }
        return rules;
    }

    private static Json.Obj rule(boolean allow, String type, String access) {
        return Json.object()
                .put("allow", allow)
                .put("type", type)
                .put("access", access)
                .build();
    }

    private static Json.Obj rule(String type, long major, long minor, String access) {
        return Json.object()
                .put("allow", true)
                .put("type", type)
                .put("major", major)
                .put("minor", minor)
                .put("access", access)
                .build();
    }
}
