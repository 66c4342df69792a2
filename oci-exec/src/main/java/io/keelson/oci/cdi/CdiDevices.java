package io.keelson.oci.cdi;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.SpecRequest;
import java.nio.file.Path;
import java.util.Collection;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * The devices that vendors describe in some directories (Container Device Interface, up to 1.1). The files are read whenever a
 * container asks for a device, so that what was added or changed counts at once.
 */
public final class CdiDevices {
    private static final String ANNOTATION_PREFIX = "cdi.k8s.io/";

    private final List<Path> directories;

    public CdiDevices(List<Path> directories) {
        this.directories = List.copyOf(directories);
    }

    /** The devices that are named, and those that annotations {@code cdi.k8s.io/…} name, each once. */
    public static List<String> asked(Collection<String> names, Map<String, String> annotations) {
        var all = new LinkedHashSet<>(names);
        new TreeMap<>(annotations).forEach((key, value) -> {
            if (key.startsWith(ANNOTATION_PREFIX)) {
                all.addAll(List.of(value.split(",", -1)));
            }
        });
        return List.copyOf(all);
    }

    /** What is wrong with the files, for people. */
    public List<String> problems() {
        return CdiDirectories.read(directories).problems();
    }

    /**
     * What was asked for, with these devices.
     *
     * @throws Failure INVALID for what is not a device's name, WRONG_STATE for a device that is not there or cannot be given
     */
    public SpecRequest addTo(SpecRequest request, List<String> names) {
        if (names.isEmpty()) {
            return request;
        }
        var devices = names.stream().map(CdiName::parse).toList();
        var now = CdiDirectories.read(directories);
        var seen = new HashSet<Path>();
        var result = request;
        for (var device : devices) {
            var file = now.fileOf(device);
            var own = file.devices().getOrDefault(device.device(), ContainerEdits.NONE);
            result = apply(seen.add(file.path()) ? file.edits().plus(own) : own, result, device, file);
        }
        return result;
    }

    private static SpecRequest apply(ContainerEdits edits, SpecRequest request, CdiName device, CdiFile file) {
        try {
            return edits.applyTo(request);
        } catch (Failure e) {
            throw e.during("cannot give CDI device " + device + " of " + file.path());
        }
    }
}
