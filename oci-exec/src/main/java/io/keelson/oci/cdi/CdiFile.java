package io.keelson.oci.cdi;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import io.keelson.host.json.Yaml;
import io.keelson.oci.spec.Texts;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/**
 * A vendor's devices of one kind (CDI, "CDI JSON Specification").
 *
 * @param devices by their names
 * @param edits for every container that gets one of them
 */
record CdiFile(Path path, String kind, Map<String, ContainerEdits> devices, ContainerEdits edits) {
    private static final int MAX_BYTES = 4 * 1024 * 1024;
    private static final Set<String> VERSIONS =
            Set.of("0.3.0", "0.4.0", "0.5.0", "0.6.0", "0.7.0", "0.8.0", "1.0.0", "1.1.0");
    private static final Set<String> KEYS = Set.of("cdiVersion", "kind", "annotations", "devices", "containerEdits");
    private static final Set<String> DEVICE_KEYS = Set.of("name", "annotations", "containerEdits");

    CdiFile {
        devices = Map.copyOf(devices);
    }

    /**
     * Absent if the file is gone by now.
     *
     * @throws Failure INVALID if it is not understood
     */
    static Optional<CdiFile> find(Path path) {
        return DurableFiles.find(path, MAX_BYTES)
                .map(bytes -> path.toString().endsWith(".json") ? Json.parseObject(bytes) : Yaml.parseObject(bytes))
                .map(json -> parse(path, json));
    }

    private static CdiFile parse(Path path, Json.Obj json) {
        var version = json.text("cdiVersion");
        if (!VERSIONS.contains(version)) {
            throw Failure.invalid("cdiVersion " + Texts.quoted(version) + " is not known");
        }
        json.requireOnly(KEYS);
        var kind = json.text("kind");
        if (!CdiName.isKind(kind)) {
            throw Failure.invalid("kind " + Texts.quoted(kind) + " is not of the form vendor.com/class");
        }
        return new CdiFile(path, kind, devices(json), edits(json));
    }

    private static Map<String, ContainerEdits> devices(Json.Obj json) {
        var devices = new LinkedHashMap<String, ContainerEdits>();
        for (var device : json.objects("devices")) {
            device.requireOnly(DEVICE_KEYS);
            var name = device.text("name");
            if (!CdiName.isDevice(name)) {
                throw Failure.invalid("a device cannot have the name " + Texts.quoted(name));
            }
            if (devices.put(name, edits(device)) != null) {
                throw Failure.invalid("there are two devices of the name " + Texts.quoted(name));
            }
        }
        if (devices.isEmpty()) {
            throw Failure.invalid("\"devices\" is missing or empty");
        }
        return devices;
    }

    private static ContainerEdits edits(Json.Obj json) {
        return json.findObject("containerEdits").map(ContainerEdits::fromJson).orElse(ContainerEdits.NONE);
    }
}
