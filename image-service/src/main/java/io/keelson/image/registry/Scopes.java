package io.keelson.image.registry;

import java.util.List;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * What a token is to allow (distribution project, "Token Scope Documentation").
 *
 * @param actions on the repository itself
 * @param others beside it
 */
record Scopes(String repository, String actions, List<String> others) {
    private static final Pattern OF_A_REPOSITORY = Pattern.compile("repository:[a-z0-9._/-]{1,255}:([a-z,]{1,20})");

    static Scopes pull(RegistryEndpoint endpoint) {
        return new Scopes(endpoint.repository(), "pull", List.of());
    }

    /** @param sources repositories whose blobs are to be taken over */
    static Scopes push(RegistryEndpoint endpoint, List<String> sources) {
        return new Scopes(
                endpoint.repository(),
                "pull,push",
                sources.stream().map(source -> "repository:" + source + ":pull").toList());
    }

    /**
     * The registry's own word where it is for doing with one repository what we mean to do: behind a proxy that may have another
     * name. Else ours.
     */
    List<String> asked(String offered) {
        var match = OF_A_REPOSITORY.matcher(offered);
        var first = match.matches() && match.group(1).equals(actions)
                ? offered
                : "repository:" + repository + ":" + actions;
        return Stream.concat(Stream.of(first), others.stream()).toList();
    }
}
