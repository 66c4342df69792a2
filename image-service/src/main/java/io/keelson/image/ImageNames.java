package io.keelson.image;

import io.keelson.image.reference.ImageReference;
import java.util.ArrayList;
import java.util.Collection;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** All images by what they may be called, at one moment. Immutable. */
final class ImageNames {
    /** Shortest beginning of an id that is taken for one. */
    static final int MIN_PREFIX = 4;

    private static final Pattern ID = Pattern.compile("(?:sha(?:256|512):)?([a-f0-9]{" + MIN_PREFIX + ",128})");

    private final Map<ImageId, ImageRecord> byId = new HashMap<>();
    private final Map<String, ImageRecord> byIdText = new HashMap<>();
    private final Map<String, ImageRecord> byName = new HashMap<>();

    /** Of two images with the same tag, the one of the later generation has it. */
    ImageNames(Collection<ImageRecord> images) {
        var ordered = new ArrayList<>(images);
        ordered.sort(Comparator.comparingLong(ImageRecord::generation));
        var owners = new HashMap<String, ImageId>();
        ordered.forEach(image -> image.repoTags().forEach(tag -> owners.put(tag, image.id())));
        for (var image : ordered) {
            var owned = image;
            for (var tag : image.repoTags()) {
                owned = image.id().equals(owners.get(tag)) ? owned : owned.withoutTag(tag, image.generation());
            }
            add(owned);
        }
    }

    private void add(ImageRecord image) {
        byId.put(image.id(), image);
        byIdText.put(image.id().toString(), image);
        image.repoTags().forEach(tag -> byName.put(tag, image));
        image.repoDigests().forEach(digest -> byName.put(digest, image));
    }

    List<ImageRecord> all() {
        return List.copyOf(byId.values());
    }

    Optional<ImageRecord> byId(ImageId id) {
        return Optional.ofNullable(byId.get(id));
    }

    Optional<ImageRecord> byName(String name) {
        return Optional.ofNullable(byName.get(name));
    }

    boolean knowsRepository(String name) {
        return byName.keySet().stream()
                .anyMatch(known -> known.startsWith(name)
                        && known.length() > name.length()
                        && (known.charAt(name.length()) == ':' || known.charAt(name.length()) == '@'));
    }

    /** See {@link ImageCatalog#find}. */
    Optional<ImageRecord> find(String nameOrId) {
        // The names here are whole; one of them, unlike a part of one, needs no parsing.
        var whole = byName.get(nameOrId);
        if (whole != null) {
            return Optional.of(whole);
        }
        var id = ID.matcher(nameOrId);
        if (!id.matches()) {
            return byReference(ImageReference.parse(nameOrId));
        }
        // A hexadecimal word may be a name too; a name that exists goes first, but for whole ids.
        var isName = nameOrId.indexOf(':') < 0 && id.group(1).length() < 64;
        var named = isName ? byReference(ImageReference.parse(nameOrId)) : Optional.<ImageRecord>empty();
        return named.or(() -> byDigest(nameOrId, id.group(1)));
    }

    private Optional<ImageRecord> byReference(ImageReference reference) {
        return reference
                .tagName()
                .or(() -> reference.digest().map(reference::digestName))
                .flatMap(this::byName);
    }

    private Optional<ImageRecord> byDigest(String text, String hex) {
        var whole = byIdText.get(text);
        if (whole != null) {
            return Optional.of(whole);
        }
        var found = byId.values().stream()
                .filter(image -> image.id().digest().hex().startsWith(hex))
                .limit(2)
                .toList();
        if (found.size() == 1) {
            return Optional.of(found.getFirst());
        }
        return byId.values().stream()
                .filter(image -> image.manifests().stream()
                        .anyMatch(manifest -> manifest.digest().toString().equals(text)))
                .findFirst();
    }
}
