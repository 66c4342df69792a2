package io.keelson.pod.container;

import io.keelson.host.json.Json;
import io.keelson.host.record.Instants;
import io.keelson.host.record.RecordFormat;
import io.keelson.image.reference.Digest;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.pod.Numbers;
import io.keelson.pod.PodId;
import io.keelson.pod.container.Container.ContainerImage;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * What never changes about a container.
 *
 * @param layers that its root file system stands on, lowest first
 * @param stopSignal as a name, {@code SIGTERM}
 * @param cgroup its own, as the runtime is told
 * @param handler the OCI runtime's name, never empty
 * @param mountedImages beside its own; their layers are in use as much as its own are
 */
record ContainerRecord(
        ContainerId id,
        PodId pod,
        ContainerConfig config,
        ContainerImage image,
        List<Digest> layers,
        Instant createdAt,
        ResolvedUser user,
        Optional<Path> logPath,
        String stopSignal,
        String cgroup,
        String handler,
        List<MountedImage> mountedImages) {
    static final int MAX_BYTES = 16 * 1024 * 1024;
    static final RecordFormat FORMAT = new RecordFormat("container record", 2);

    ContainerRecord {
        layers = List.copyOf(layers);
        mountedImages = List.copyOf(mountedImages);
    }

    /** Of its root file system and of the images that it has mounted. */
    Stream<Digest> layersInUse() {
        return Stream.concat(layers.stream(), mountedImages.stream().flatMap(image -> image.layers().stream()));
    }

    /** As it was asked for, with the digests of the images that are mounted. */
    ContainerConfig shownConfig() {
        if (mountedImages.isEmpty()) {
            return config;
        }
        var mounts = new ArrayList<>(config.mounts());
        mountedImages.forEach(
                image -> mounts.set(image.mount(), mounts.get(image.mount()).withImageRef(image.digestName())));
        return config.withMounts(mounts);
    }

    Json.Obj toJson() {
        var userJson = Json.object().put("uid", user.uid()).put("gid", user.gid());
        Numbers.putAll(userJson, "supplementary", user.supplementary());
        var json = FORMAT.begin()
                .put("id", id.hex())
                .put("pod", pod.hex())
                .put("config", ContainerConfigJson.write(config))
                .put(
                        "image",
                        Json.object()
                                .put("id", image.id())
                                .put("name", image.name())
                                .put("digestName", image.digestName()))
                .putTexts("layers", layers.stream().map(Digest::toString).toList())
                .put("createdAt", createdAt.toString())
                .put("user", userJson.put("name", user.name()).put("home", user.home()))
                .put("stopSignal", stopSignal)
                .put("cgroup", cgroup)
                .put("handler", handler)
                .putAll(
                        "mountedImages",
                        mountedImages.stream().map(MountedImage::toJson).toList());
        logPath.ifPresent(path -> json.put("logPath", path.toString()));
        return json.build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static ContainerRecord fromJson(Json.Obj json) {
        var image = json.object("image");
        var user = json.object("user");
        return new ContainerRecord(
                new ContainerId(json.text("id")),
                new PodId(json.text("pod")),
                ContainerConfigJson.read(json.object("config")),
                new ContainerImage(image.text("id"), image.text("name"), image.text("digestName")),
                json.texts("layers").stream().map(Digest::parse).toList(),
                Instants.parse(json.text("createdAt")),
                new ResolvedUser(
                        user.number("uid"),
                        user.number("gid"),
                        Numbers.all(user, "supplementary"),
                        user.text("name"),
                        user.text("home")),
                json.findText("logPath").map(Path::of),
                json.text("stopSignal"),
                json.text("cgroup"),
                json.text("handler"),
                mountedImages(json));
    }

    /** Records of older versions have none. */
    private static List<MountedImage> mountedImages(Json.Obj json) {
        return json.has("mountedImages")
                ? json.objects("mountedImages").stream()
                        .map(MountedImage::fromJson)
                        .toList()
                : List.of();
    }
}
