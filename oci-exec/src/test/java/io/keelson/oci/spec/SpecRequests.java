package io.keelson.oci.spec;

import io.keelson.host.json.Json;
import io.keelson.oci.spec.NamespaceChoices.Fresh;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;

/** A container that asks for nothing, and what of it a test changes. */
public final class SpecRequests {
    static final Machine MACHINE = new Machine("amd64", new KernelVersion(6, 18), 2);
    static final Capabilities ALL = new Capabilities((1L << 41) - 1);
    static final ProcessUser ROOT = new ProcessUser(0, 0, List.of(0L));

    private SpecRequests() {}

    static Json.Obj config(ProcessUser user, Security security) {
        return ContainerSpec.build(request(user, security), MACHINE);
    }

    private static SpecRequest request(ProcessUser user, Security security) {
        return new SpecRequest(
                Path.of("/rootfs"),
                false,
                Optional.empty(),
                process(user),
                security,
                NamespaceChoices.of(new Fresh(), new Fresh(), new Fresh(), new Fresh(), new Fresh()),
                List.of(),
                List.of(),
                LinuxResources.NONE,
                Map.of(),
                "/pods/p/c",
                Map.of(),
                Set.of(),
                Map.of(),
                Hooks.NONE);
    }

    private static ProcessRequest process(ProcessUser user) {
        return new ProcessRequest(
                List.of("/run"), List.of("PATH=/bin"), "/", user, false, List.of(), OptionalInt.empty());
    }

    static Security security(boolean privileged, CapabilitySet capabilities) {
        return new Security(
                privileged,
                capabilities,
                false,
                new SeccompChoice.RuntimeDefault(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                ProtectedPaths.withMasked(List.of(), MACHINE),
                ProtectedPaths.withReadonly(List.of()));
    }

    /** What a container is made of that has no security settings but the usual ones. */
    public static SpecRequest plain(ProcessUser user) {
        return request(user, security(false, new CapabilitySet(List.of(), List.of())));
    }
}
