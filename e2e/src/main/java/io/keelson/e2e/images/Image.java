package io.keelson.e2e.images;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** An image before it has a name: layers from the lowest up, and what its configuration says. */
public record Image(
        List<Layer> layers,
        Family family,
        List<String> entrypoint,
        List<String> command,
        Optional<String> user,
        Map<String, String> labels,
        Map<String, Object> more) {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String CREATED = "2023-11-14T22:13:20Z";
    private static final String PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /** Copies its lists. */
    public Image {
        layers = List.copyOf(layers);
        entrypoint = List.copyOf(entrypoint);
        command = List.copyOf(command);
        labels = Map.copyOf(labels);
        more = Map.copyOf(more);
    }

    /** An OCI image that runs {@code command} as root. */
    public static Image of(List<Layer> layers, String... command) {
        return new Image(layers, Family.OCI, List.of(), List.of(command), Optional.empty(), Map.of(), Map.of());
    }

    /** The same in the media types of a family. */
    public Image in(Family other) {
        return new Image(layers, other, entrypoint, command, user, labels, more);
    }

    /** The same with an entry point. */
    public Image withEntrypoint(String... words) {
        return new Image(layers, family, List.of(words), command, user, labels, more);
    }

    /** The same, run as another user. */
    public Image as(String name) {
        return new Image(layers, family, entrypoint, command, Optional.of(name), labels, more);
    }

    /** The same with a label, which makes its identifier differ. */
    public Image labelled(String label) {
        return new Image(layers, family, entrypoint, command, user, Map.of("io.keelson.e2e", label), more);
    }

    /** The same with one more member of its configuration's {@code config}, which replaces what is there. */
    public Image with(String key, Object value) {
        var all = new HashMap<>(more);
        all.put(key, value);
        return new Image(layers, family, entrypoint, command, user, labels, all);
    }

    List<Blob> layerBlobs() {
        return layers.stream().map(layer -> layer.blob(family)).toList();
    }

    /** The configuration for one architecture. */
    Blob config(String architecture) {
        var inner = JSON.createObjectNode();
        inner.putArray("Env").add(PATH);
        if (!entrypoint.isEmpty()) {
            entrypoint.forEach(inner.putArray("Entrypoint")::add);
        }
        if (!command.isEmpty()) {
            command.forEach(inner.putArray("Cmd")::add);
        }
        user.ifPresent(name -> inner.put("User", name));
        if (!labels.isEmpty()) {
            labels.forEach(inner.putObject("Labels")::put);
        }
        more.forEach((key, value) -> inner.set(key, JSON.valueToTree(value)));
        var config = JSON.createObjectNode()
                .put("created", CREATED)
                .put("architecture", architecture)
                .put("os", "linux");
        config.set("config", inner);
        var rootfs = config.putObject("rootfs").put("type", "layers").putArray("diff_ids");
        layers.forEach(layer -> rootfs.add(layer.diffId()));
        return Blob.of(family.config(), config);
    }

    Blob manifest(String architecture) {
        var manifest = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", family.manifest());
        manifest.set("config", config(architecture).descriptor());
        var list = manifest.putArray("layers");
        layerBlobs().forEach(blob -> list.add(blob.descriptor()));
        return Blob.of(family.manifest(), manifest);
    }

    /** The list on top, with a manifest for each architecture. */
    Blob list(List<String> architectures) {
        var list = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", family.list());
        var manifests = list.putArray("manifests");
        for (var architecture : architectures) {
            ObjectNode descriptor = manifest(architecture).descriptor();
            descriptor.putObject("platform").put("architecture", architecture).put("os", "linux");
            manifests.add(descriptor);
        }
        return Blob.of(family.list(), list);
    }
}
