package io.keelson.image.reference;

import io.keelson.host.failure.Failure;
import io.keelson.host.record.HexId;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * What an image is called, in full: {@code registry/repository[:tag][@digest]}. The grammar and the defaults ({@code docker.io},
 * {@code library/}, {@code :latest}) are those of the distribution project's reference package, which kubelet uses too.
 *
 * @param registry host and optional port
 * @param tag absent only where there is a digest
 */
public record ImageReference(String registry, String repository, Optional<String> tag, Optional<Digest> digest) {
    /** Longest {@code registry/repository} that registries take. */
    public static final int MAX_NAME_LENGTH = 255;

    private static final int MAX_LENGTH = 512;
    private static final String DEFAULT_REGISTRY = "docker.io";
    private static final String DEFAULT_TAG = "latest";
    private static final Pattern REGISTRY = Pattern.compile(
            "(?:[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?(?:\\.[a-zA-Z0-9](?:[a-zA-Z0-9-]*[a-zA-Z0-9])?)*|\\[[a-fA-F0-9:]+\\])(?::[0-9]{1,5})?");
    private static final Pattern COMPONENT = Pattern.compile("[a-z0-9]+(?:(?:\\.|_|__|-+)[a-z0-9]+)*");
    private static final Pattern TAG = Pattern.compile("[A-Za-z0-9_][A-Za-z0-9_.-]{0,127}");

    public ImageReference {
        if (!REGISTRY.matcher(registry).matches()) {
            throw Failure.invalid("image reference: \"" + registry + "\" is no registry");
        }
        for (var component : repository.split("/", -1)) {
            if (!COMPONENT.matcher(component).matches()) {
                throw Failure.invalid("image reference: \"" + repository + "\" is no repository name");
            }
        }
        tag.ifPresent(ImageReference::checkTag);
        if (tag.isEmpty() && digest.isEmpty()) {
            throw Failure.invalid("image reference: neither tag nor digest");
        }
        if (registry.length() + 1 + repository.length() > MAX_NAME_LENGTH) {
            throw Failure.invalid("image reference: name is longer than " + MAX_NAME_LENGTH + " characters");
        }
    }

    private static void checkTag(String tag) {
        if (!TAG.matcher(tag).matches()) {
            throw Failure.invalid("image reference: \"" + tag + "\" is no tag");
        }
    }

    /**
     * Reads a reference as a user writes it.
     *
     * @throws Failure INVALID if it is none
     */
    public static ImageReference parse(String text) {
        if (text.isEmpty() || text.length() > MAX_LENGTH) {
            throw Failure.invalid("image reference: " + (text.isEmpty() ? "empty" : "longer than " + MAX_LENGTH));
        }
        if (HexId.is(text)) {
            throw Failure.invalid("image reference: \"" + text + "\" is an id, not a name");
        }
        var rest = text;
        var digest = Optional.<Digest>empty();
        var at = rest.indexOf('@');
        if (at >= 0) {
            digest = Optional.of(Digest.parse(rest.substring(at + 1)));
            rest = rest.substring(0, at);
        }
        var tag = Optional.<String>empty();
        var colon = rest.indexOf(':', rest.lastIndexOf('/') + 1);
        if (colon >= 0) {
            tag = Optional.of(rest.substring(colon + 1));
            rest = rest.substring(0, colon);
        }
        if (tag.isEmpty() && digest.isEmpty()) {
            tag = Optional.of(DEFAULT_TAG);
        }
        return named(rest, tag, digest);
    }

    private static ImageReference named(String name, Optional<String> tag, Optional<Digest> digest) {
        var slash = name.indexOf('/');
        var first = slash < 0 ? "" : name.substring(0, slash);
        var hasRegistry = first.indexOf('.') >= 0 || first.indexOf(':') >= 0 || first.equals("localhost");
        var registry = hasRegistry ? first : DEFAULT_REGISTRY;
        if (registry.equals("index.docker.io")) {
            registry = DEFAULT_REGISTRY;
        }
        var repository = hasRegistry ? name.substring(slash + 1) : name;
        if (registry.equals(DEFAULT_REGISTRY) && repository.indexOf('/') < 0) {
            repository = "library/" + repository;
        }
        return new ImageReference(registry, repository, tag, digest);
    }

    /** {@code registry/repository}. */
    public String name() {
        return registry + "/" + repository;
    }

    /** {@code registry/repository:tag}; absent where a digest is asked for, since then the tag is only a remark. */
    public Optional<String> tagName() {
        return digest.isPresent() ? Optional.empty() : tag.map(value -> name() + ":" + value);
    }

    /** {@code registry/repository@digest}. */
    public String digestName(Digest manifest) {
        return name() + "@" + manifest;
    }

    @Override
    public String toString() {
        return name()
                + tag.map(value -> ":" + value).orElse("")
                + digest.map(value -> "@" + value).orElse("");
    }
}
