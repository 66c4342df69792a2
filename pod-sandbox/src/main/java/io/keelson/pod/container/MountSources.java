package io.keelson.pod.container;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.NamespaceChoices;
import io.keelson.oci.spec.SpecMount;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a request mounts from the host, resolved and with the options of mount(8). */
final class MountSources {
    private final HostPaths hostPaths;
    private final RuntimeFeatures runtime;

    /** @param runtime which will make the mounts */
    MountSources(HostPaths hostPaths, RuntimeFeatures runtime) {
        this.hostPaths = hostPaths;
        this.runtime = runtime;
    }

    /**
     * @throws Failure INVALID for what cannot be or is not built, WRONG_STATE for propagation from a mount of the host that has none,
     *     UNAVAILABLE for what does not answer
     */
    SpecMount of(ContainerMount mount) {
        MountCheck.check(mount, runtime);
        var where = MountCheck.where(mount);
        var source = source(where, mount.hostPath());
        SourcePropagation.require(where, source.path(), mount.propagation());
        return new SpecMount(
                mount.containerPath(),
                "bind",
                source.path().toString(),
                options(mount, source.isDirectory()),
                mappings(mount.uidMappings()),
                mappings(mount.gidMappings()));
    }

    private static List<String> options(ContainerMount mount, boolean isDirectory) {
        var options = new ArrayList<String>();
        options.add("rbind");
        options.add(
                switch (mount.propagation()) {
                    case PRIVATE -> "rprivate";
                    case HOST_TO_CONTAINER -> "rslave";
                    case BIDIRECTIONAL -> "rshared";
                });
        // Nothing is mounted below a file, and older versions of crun fail to look there.
        var access = mount.isRecursivelyReadonly() && isDirectory ? "rro" : "ro";
        options.add(mount.isReadonly() ? access : "rw");
        mount.options().stream().distinct().forEach(options::add);
        return options;
    }

    private static List<NamespaceChoices.IdMapping> mappings(List<IdMapping> mappings) {
        return mappings.stream()
                .map(each -> new NamespaceChoices.IdMapping(each.containerId(), each.hostId(), each.length()))
                .toList();
    }

    private HostPaths.Found source(String where, String hostPath) {
        try {
            return hostPaths.find(hostPath);
        } catch (Failure e) {
            throw e.during(where);
        } catch (IOException e) {
            if (DurableFiles.isFull(e)) {
                throw DurableFiles.failed("prepare the " + where + ", path", Path.of(hostPath), e);
            }
            throw new Failure(
                    Failure.Kind.INVALID,
                    where + ": there is no such path on the host, and it cannot be made: " + e.getMessage(),
                    e);
        }
    }
}
