package io.keelson.server.explain;

import io.keelson.host.failure.Failure;
import java.util.List;
import java.util.function.Function;

/** Finds things by what people call them. */
final class Names {
    /** Of an id, as it is shown. */
    static final int SHORT = 12;

    private Names() {}

    /**
     * The only one whose id begins so, or that has this name; of several of the name the last.
     *
     * @throws Failure ABSENT or INVALID
     */
    static <T> T find(String what, String asked, List<T> all, Function<T, String> id, Function<T, String> name) {
        var byId = all.stream()
                .filter(each -> !asked.isEmpty() && id.apply(each).startsWith(asked))
                .toList();
        if (byId.size() > 1) {
            throw Failure.invalid(
                    what + " " + asked + ": there are " + byId.size() + " whose id begins so; say more of it");
        }
        return byId.stream()
                .findFirst()
                .or(() -> all.reversed().stream()
                        .filter(each -> name.apply(each).equals(asked))
                        .findFirst())
                .orElseThrow(() -> Failure.absent("there is no " + what + " " + asked + ", and nothing is kept of one; "
                        + "try: crictl " + (what.equals("pod") ? "pods" : "ps --all")));
    }
}
