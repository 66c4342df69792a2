package io.keelson.e2e.images;

import static java.nio.charset.StandardCharsets.UTF_8;

import java.util.Collections;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;

/** Manifests, indexes and configurations that two readers could read differently, or that have no end (rows M01 to M21). */
public final class HostileManifests {
    private static final int DEEP = 100_000;

    private final Family family;
    private final Image image;
    private final Blob layer;

    /** @param family whose media types they have */
    public HostileManifests(Family family) {
        this.family = family;
        var archive = new RawTar().file(RawTar.path("file of " + family), "x").end();
        this.image =
                Image.of(List.of(Layer.of(archive, Compression.GZIP)), "sh").in(family);
        this.layer = image.layerBlobs().getFirst();
    }

    public List<HostileManifest> all() {
        return Stream.of(manifests(), indexes(), configs())
                .flatMap(List::stream)
                .toList();
    }

    private List<HostileManifest> manifests() {
        return List.of(
                manifest(
                        "M01",
                        "of more than 4 MiB",
                        Outcome.EXHAUSTED,
                        "larger than",
                        json -> json + " ".repeat(4 << 20)),
                encoded("gzip", Compression.GZIP.apply(" ".repeat(64 << 20).getBytes(UTF_8))),
                encoded("br", "{}".getBytes(UTF_8)),
                manifest(
                        "M02",
                        "of a hundred thousand arrays",
                        Outcome.INVALID,
                        "JSON",
                        json -> with(json, nested("[", "]"))),
                manifest(
                        "M02",
                        "of a hundred thousand objects",
                        Outcome.INVALID,
                        "JSON",
                        json -> with(json, nested("{\"a\":", "}").replace(":}", ":1}"))),
                manifest(
                        "M03",
                        "with a key twice",
                        Outcome.INVALID,
                        "JSON",
                        json -> with(json, "2").replace("\"x\":2", "\"schemaVersion\":2")),
                manifest(
                        "M03",
                        "with a key in another case",
                        Outcome.INVALID,
                        "others read",
                        json -> with(json, "[]").replace("\"x\"", "\"Layers\"")),
                manifest(
                        "M03",
                        "with a descriptor's key in another case",
                        Outcome.INVALID,
                        "others read",
                        json -> json.replaceFirst("\"digest\"", "\"Digest\":\"\",\"digest\"")),
                manifest("M03", "with a byte order mark", Outcome.INVALID, "JSON", json -> "\uFEFF" + json),
                manifest("M03", "with something behind it", Outcome.INVALID, "JSON", json -> json + "{}"),
                manifest(
                        "M03",
                        "that is an index, too",
                        Outcome.INVALID,
                        "at once",
                        json -> with(json, "[]").replace("\"x\"", "\"manifests\"")),
                manifest(
                        "M03",
                        "of another type than it says",
                        Outcome.INVALID,
                        "calls itself",
                        json -> json.replace(family.manifest(), family.list())),
                manifest("M04", "with a size that is no number", Outcome.INVALID, "JSON", json -> sized(json, "NaN")),
                manifest("M04", "with a size without end", Outcome.INVALID, "64-bit", json -> sized(json, "1e999")),
                manifest("M04", "with a size below zero", Outcome.INVALID, "size -1", json -> sized(json, "-1")),
                manifest(
                        "M05",
                        "with a size of 2^63",
                        Outcome.INVALID,
                        "64-bit",
                        json -> sized(json, "9223372036854775808")),
                manifest(
                        "M08",
                        "of ten thousand layers",
                        Outcome.INVALID,
                        "10000 layers",
                        json -> json.replaceFirst("\"layers\":\\[.*?]", layers(10_000))),
                manifest(
                        "M09",
                        "of no layers, where the configuration has one",
                        Outcome.INVALID,
                        "0 layers",
                        json -> json.replaceFirst("\"layers\":\\[.*?]", "\"layers\":[]")),
                new HostileManifest(
                        "M09",
                        "of no layers",
                        Outcome.HARMLESS,
                        "",
                        (registry, repository) -> registry.put(
                                repository, Image.of(List.of(), "sh").in(family).labelled("empty"))),
                raw(
                        "M12",
                        "of schema version 1",
                        "application/vnd.docker.distribution.manifest.v1+prettyjws",
                        "{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}",
                        "schema version 1"),
                raw(
                        "M12",
                        "of schema version 1 by another name",
                        family.manifest(),
                        "{\"schemaVersion\":1,\"fsLayers\":[],\"history\":[]}",
                        "schema version 1"),
                raw(
                        "M12",
                        "of an artifact",
                        family.manifest(),
                        image.manifest(here())
                                .text()
                                .replace(family.config(), "application/vnd.cncf.model.config.v1+json"),
                        "artifact"));
    }

    private List<HostileManifest> indexes() {
        return List.of(
                new HostileManifest(
                        "M06", "an index that is its own entry", Outcome.INVALID, "", (registry, repository) -> {
                            var own = "sha256:" + "5".repeat(64);
                            var index = index(entry(family.list(), own, 300));
                            registry.putManifest(repository, own, family.list(), index);
                            return registry.putManifest(repository, "latest", family.list(), index);
                        }),
                new HostileManifest(
                        "M07", "a chain of twenty indexes", Outcome.INVALID, "more than 2 indexes", this::chain),
                raw(
                        "M10",
                        "an index of ten thousand entries",
                        family.list(),
                        new String(
                                index(String.join(
                                        ",", Collections.nCopies(10_000, entry(family.manifest(), layer.digest(), 5)))),
                                UTF_8),
                        "10000 entries"),
                raw(
                        "M11",
                        "an index for other machines",
                        family.list(),
                        new String(
                                index(
                                        entry(family.manifest(), layer.digest(), 5)
                                                .replace(
                                                        "{\"mediaType",
                                                        "{\"platform\":{\"os\":\"linux\",\"architecture\":\"s390x\"},\"mediaType")),
                                UTF_8),
                        "linux/s390x"));
    }

    private List<HostileManifest> configs() {
        return List.of(
                config("M13", "that is no JSON", Outcome.INVALID, "JSON", json -> "no JSON"),
                config(
                        "M13",
                        "of a hundred thousand arrays",
                        Outcome.INVALID,
                        "JSON",
                        json -> with(json, nested("[", "]"))),
                config(
                        "M14",
                        "with more diffIDs than layers",
                        Outcome.INVALID,
                        "its config names 2",
                        json -> json.replaceFirst(
                                "\"diff_ids\":\\[", "\"diff_ids\":[\"sha256:" + "0".repeat(64) + "\",")),
                config(
                        "M14",
                        "with a diffID that leads out",
                        Outcome.INVALID,
                        "digest",
                        json -> json.replaceFirst("\"diff_ids\":\\[\"[^\"]*\"", "\"diff_ids\":[\"sha256:../../x\"")),
                config(
                        "M15",
                        "with a variable without a value",
                        Outcome.HARMLESS,
                        "",
                        json -> json.replaceFirst("\"Env\":\\[", "\"Env\":[\"NOTHING\",\"=x\",\"\",")),
                config(
                        "M16",
                        "with two hundred thousand variables",
                        Outcome.INVALID,
                        "Env has",
                        json -> json.replaceFirst("\"Env\":\\[", "\"Env\":[" + "\"A=1\",".repeat(200_000))),
                config(
                        "M16",
                        "with a million variables",
                        Outcome.EXHAUSTED,
                        "larger than",
                        json -> json.replaceFirst("\"Env\":\\[", "\"Env\":[" + "\"A=1\",".repeat(1_000_000))),
                config(
                        "M17",
                        "with a word of a mebibyte",
                        Outcome.INVALID,
                        "longer than",
                        json -> json.replaceFirst("\"Cmd\":\\[", "\"Cmd\":[\"" + "x".repeat(1 << 20) + "\",")),
                config("M18", "with a hundred thousand volumes", Outcome.INVALID, "Volumes has", json -> {
                    var volumes = new StringBuilder();
                    for (var i = 0; i < 100_000; i++) {
                        volumes.append(i == 0 ? "" : ",")
                                .append("\"/v")
                                .append(i)
                                .append("\":{}");
                    }
                    return json.replaceFirst("\"config\":\\{", "\"config\":{\"Volumes\":{" + volumes + "},");
                }),
                config(
                        "M19",
                        "with a signal that does not exist",
                        Outcome.HARMLESS,
                        "",
                        json -> json.replaceFirst("\"config\":\\{", "\"config\":{\"StopSignal\":\"SIGFOO\",")),
                config(
                        "M20",
                        "with a health check below zero",
                        Outcome.HARMLESS,
                        "",
                        json -> json.replaceFirst("\"config\":\\{", "\"config\":{\"Healthcheck\":{\"Interval\":-1},")),
                config(
                        "M21",
                        "for another machine",
                        Outcome.INVALID,
                        "linux/s390x",
                        json -> json.replace("\"" + here() + "\"", "\"s390x\"")));
    }

    private static String here() {
        return TestImages.architecture();
    }

    private HostileManifest manifest(
            String row, String what, Outcome outcome, String word, UnaryOperator<String> change) {
        return new HostileManifest(row, "a manifest " + what, outcome, word, (registry, repository) -> {
            registry.put(repository, image);
            var changed = change.apply(image.manifest(here()).text());
            return registry.putManifest(repository, "latest", family.manifest(), changed.getBytes(UTF_8));
        });
    }

    private HostileManifest raw(String row, String what, String contentType, String json, String word) {
        return new HostileManifest(
                row,
                what,
                Outcome.INVALID,
                word,
                (registry, repository) ->
                        registry.putManifest(repository, "latest", contentType, json.getBytes(UTF_8)));
    }

    /** T72. */
    private HostileManifest encoded(String encoding, byte[] content) {
        return new HostileManifest(
                "M01",
                "a manifest that " + encoding + " makes larger",
                Outcome.UNAVAILABLE,
                "Content-Encoding",
                (registry, repository) -> registry.putEncoded(repository, family.manifest(), encoding, content));
    }

    private HostileManifest config(
            String row, String what, Outcome outcome, String word, UnaryOperator<String> change) {
        return new HostileManifest(row, "a configuration " + what, outcome, word, (registry, repository) -> {
            registry.put(repository, image);
            var before = image.config(here());
            var changed = Blob.of(family.config(), change.apply(before.text()).getBytes(UTF_8));
            registry.putBlob(repository, changed.digest(), changed.content());
            var manifest = image.manifest(here())
                    .text()
                    .replace(before.digest(), changed.digest())
                    .replace("\"size\":" + before.content().length, "\"size\":" + changed.content().length);
            return registry.putManifest(repository, "latest", family.manifest(), manifest.getBytes(UTF_8));
        });
    }

    private String chain(MemoryRegistry registry, String repository) {
        registry.put(repository, image);
        var inner = image.manifest(here());
        registry.putManifest(repository, inner.digest(), inner.mediaType(), inner.content());
        for (var depth = 0; depth < 20; depth++) {
            inner = Blob.of(family.list(), index(entry(inner.mediaType(), inner.digest(), inner.content().length)));
            registry.putManifest(repository, inner.digest(), inner.mediaType(), inner.content());
        }
        return registry.putManifest(repository, "latest", inner.mediaType(), inner.content());
    }

    private byte[] index(String entries) {
        return ("{\"schemaVersion\":2,\"mediaType\":\"" + family.list() + "\",\"manifests\":[" + entries + "]}")
                .getBytes(UTF_8);
    }

    private static String entry(String mediaType, String digest, int size) {
        return "{\"mediaType\":\"" + mediaType + "\",\"digest\":\"" + digest + "\",\"size\":" + size + "}";
    }

    private String layers(int count) {
        return "\"layers\":["
                + String.join(
                        ",",
                        Collections.nCopies(count, entry(layer.mediaType(), layer.digest(), layer.content().length)))
                + "]";
    }

    private String sized(String json, String size) {
        return json.replace("\"size\":" + layer.content().length, "\"size\":" + size);
    }

    private static String nested(String open, String close) {
        return open.repeat(DEEP) + close.repeat(DEEP);
    }

    /** With one more member {@code x}. */
    private static String with(String json, String value) {
        return "{\"x\":" + value + "," + json.substring(1);
    }
}
