package io.keelson.oci.spec;

import java.util.ArrayDeque;

/** Paths in a container, as text: what they are links to is not known here. */
final class Paths {
    private Paths() {}

    /** An absolute path without empty, {@code .} and {@code ..} names; what leads above the root stays there. */
    static String normalised(String path) {
        var names = new ArrayDeque<String>();
        for (var name : path.split("/", -1)) {
            switch (name) {
                case "", "." -> {}
                case ".." -> names.pollLast();
                default -> names.addLast(name);
            }
        }
        return "/" + String.join("/", names);
    }

    /** Whether the second is the first or below it; both normalised. */
    static boolean covers(String path, String other) {
        return other.equals(path) || path.equals("/") || other.startsWith(path + "/");
    }
}
