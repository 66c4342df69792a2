package io.keelson.server.inspect;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.container.ContainerCatalog;
import io.keelson.server.config.Configuration;
import io.keelson.server.config.ConfigurationText;
import io.keelson.server.http.Page;
import io.keelson.server.http.Served;
import java.util.Locale;
import java.util.Map;

/** The pages, of which {@code /info} and {@code /containers/ID} have the shape that cAdvisor asks CRI-O for. */
public final class InspectPages {
    /** As what tools know where containers' files lie; cAdvisor looks into directories for names of others. */
    private static final String STORAGE = "keelson";

    private static final int NOT_FOUND = 404;

    private InspectPages() {}

    public static Served of(Configuration configuration, PodCatalog pods, ContainerCatalog containers) {
        var containerInfo =
                new ContainerInfo(pods, containers, configuration.storage().root());
        return Served.of(Map.of(
                        "/info",
                        () -> json(info(configuration)),
                        "/config",
                        () -> Page.text(200, ConfigurationText.effective(configuration)),
                        "/debug/threads",
                        () -> Page.text(
                                200, Debugging.threads(configuration.storage().state())),
                        "/debug/heap",
                        () -> Page.text(200, Debugging.heap())))
                .below("/containers/", id -> found(containerInfo, id))
                .forRoot();
    }

    private static Json.Obj info(Configuration configuration) {
        return Json.object()
                .put("storage_driver", STORAGE)
                .put("storage_root", configuration.storage().root().toString())
                .put("storage_image", configuration.storage().root().toString())
                .put(
                        "cgroup_driver",
                        configuration.runtime().cgroupDriver().toString().toLowerCase(Locale.ROOT))
                .build();
    }

    private static Page found(ContainerInfo containers, String id) {
        try {
            return json(containers.of(id));
        } catch (Failure e) {
            return switch (e.kind()) {
                case ABSENT, INVALID -> Page.text(NOT_FOUND, String.valueOf(e.getMessage()));
                default -> throw e;
            };
        }
    }

    private static Page json(Json.Obj json) {
        return new Page(200, "application/json", json.toBytes());
    }
}
