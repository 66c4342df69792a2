package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import io.keelson.image.reference.ImageReference;
import java.util.Map;

/** Names without a registry that stand for one with (containers-registries.conf(5), "aliases"). */
final class ShortNames {
    private ShortNames() {}

    static String expand(String text, Map<String, String> aliases) {
        var end = end(text);
        var full = aliases.get(text.substring(0, end));
        return full == null ? text : full + text.substring(end);
    }

    /** Where the name ends and tag or digest begin. */
    private static int end(String text) {
        var at = text.indexOf('@');
        var name = at < 0 ? text : text.substring(0, at);
        var colon = name.indexOf(':', name.lastIndexOf('/') + 1);
        return colon < 0 ? name.length() : colon;
    }

    /** @throws Failure INVALID if it is no alias: of a short name, for a whole one without tag and digest */
    static void check(String alias, String name) {
        var first = alias.substring(0, Math.max(alias.indexOf('/'), 0));
        if (alias.isEmpty() || end(alias) != alias.length() || isRegistry(first)) {
            throw Failure.invalid("aliases: \"" + alias + "\" is no short name");
        }
        if (end(name) != name.length() || !isRegistry(name.substring(0, Math.max(name.indexOf('/'), 0)))) {
            throw Failure.invalid("aliases: \"" + alias + "\" stands for \"" + name
                    + "\", which is no registry and repository without a tag");
        }
        var _ = ImageReference.parse(name);
    }

    private static boolean isRegistry(String first) {
        return first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
    }
}
