package io.keelson.e2e.images;

import static io.keelson.e2e.images.RawTar.path;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.zip.GZIPInputStream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/** What {@code docker save} writes of an image, in the shapes that it has had. */
public final class SavedArchives {
    private static final JsonMapper JSON = JsonMapper.shared();
    private static final String VERSION = "1.0";

    private final Image image;
    private final String repository;
    private final String tag;

    /** All under one name, a repository of a whole name and a tag. */
    public SavedArchives(Image image, String repository, String tag) {
        this.image = image;
        this.repository = repository;
        this.tag = tag;
    }

    /** An archive, and what made it. */
    public record Saved(String by, byte[] archive) {}

    public List<Saved> all() throws IOException {
        return List.of(
                new Saved("docker-before-25", byDirectories()),
                new Saved("docker-25", inLayout(layout(plain()), plain())),
                new Saved("containerd-store", inLayout(new BuildKitIndex(image).documents(), image)));
    }

    /** Until Docker 25: a directory for each layer, and a link for a layer that is there twice. */
    private byte[] byDirectories() throws IOException {
        var tar = new RawTar();
        var first = new HashMap<String, String>();
        var files = new ArrayList<String>();
        var directory = "";
        for (var layer : plain().layers()) {
            directory = Blob.sha256(path("v1", files.size(), layer.diffId())).substring("sha256:".length());
            tar.directory(path(directory, "/"))
                    .file(path(directory, "/VERSION"), VERSION)
                    .file(path(directory, "/json"), "{\"id\":\"" + directory + "\"}");
            var earlier = first.putIfAbsent(layer.diffId(), directory);
            if (earlier == null) {
                tar.file(path(directory, "/layer.tar"), layer.stored());
            } else {
                tar.symbolicLink(path(directory, "/layer.tar"), "../" + earlier + "/layer.tar");
            }
            files.add(directory + "/layer.tar");
        }
        var config = plain().config(TestImages.architecture());
        var configFile = hex(config) + ".json";
        return tar.file(path(configFile), config.content())
                .file(path("manifest.json"), table(configFile, files))
                .file(path("repositories"), repositories(directory))
                .end();
    }

    /** Since Docker 25: an OCI image layout, with the table and the names of before beside it. */
    private byte[] inLayout(List<Blob> documents, Image stored) {
        var tar = new RawTar().directory(path("blobs/")).directory(path("blobs/sha256/"));
        var config = stored.config(TestImages.architecture());
        var layers = stored.layerBlobs();
        var written = new HashMap<String, Blob>();
        for (var blobs : List.of(layers, List.of(config), documents)) {
            for (var blob : blobs) {
                if (written.put(blob.digest(), blob) == null) {
                    tar.file(path(file(blob)), blob.content());
                }
            }
        }
        var files = layers.stream().map(SavedArchives::file).toList();
        return tar.file(path("index.json"), index(documents.getLast()))
                .file(path("manifest.json"), table(file(config), files))
                .file(path("oci-layout"), "{\"imageLayoutVersion\":\"1.0.0\"}")
                .file(path("repositories"), repositories(hex(config)))
                .end();
    }

    private static List<Blob> layout(Image stored) {
        return List.of(stored.manifest(TestImages.architecture()));
    }

    /** The image with layers as they are, which is how Docker's own store has them. */
    private Image plain() throws IOException {
        var layers = new ArrayList<Layer>();
        for (var layer : image.layers()) {
            layers.add(Layer.of(
                    new GZIPInputStream(new ByteArrayInputStream(layer.stored())).readAllBytes(), Compression.NONE));
        }
        return Image.of(layers, image.command().toArray(String[]::new));
    }

    private byte[] index(Blob top) {
        ObjectNode descriptor = top.descriptor();
        descriptor
                .putObject("annotations")
                .put("io.containerd.image.name", repository + ":" + tag)
                .put("org.opencontainers.image.ref.name", tag);
        var index = JSON.createObjectNode().put("schemaVersion", 2).put("mediaType", Family.OCI.list());
        index.putArray("manifests").add(descriptor);
        return bytes(index);
    }

    private byte[] table(String config, List<String> layers) {
        var entry = JSON.createObjectNode().put("Config", config);
        entry.putArray("RepoTags").add(repository + ":" + tag);
        layers.forEach(entry.putArray("Layers")::add);
        return bytes(JSON.createArrayNode().add(entry));
    }

    private byte[] repositories(String id) {
        var names = JSON.createObjectNode();
        names.putObject(repository).put(tag, id);
        return bytes(names);
    }

    private static byte[] bytes(JsonNode json) {
        return JSON.writeValueAsBytes(json);
    }

    private static String hex(Blob blob) {
        return blob.digest().substring("sha256:".length());
    }

    private static String file(Blob blob) {
        return "blobs/sha256/" + hex(blob);
    }
}
