package io.keelson.pod;

import io.keelson.oci.spec.LinuxResources;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.namespace.NamespaceOptions;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Another pod than a given one, in the few fields that a test is about. What no test changes is as it was. */
public final class PodSpecDraft {
    public PodMetadata metadata;
    public String hostname;
    public String logDirectory;
    public Optional<DnsConfig> dns;
    public Map<String, String> annotations;
    public String cgroupParent;
    public PodSecurity security;
    public Map<String, String> sysctls;
    public LinuxResources overhead;
    public LinuxResources resources;
    public String runtimeHandler;

    private PodSpecDraft(PodSpec spec) {
        metadata = spec.metadata();
        hostname = spec.hostname();
        logDirectory = spec.logDirectory();
        dns = spec.dns();
        annotations = spec.annotations();
        cgroupParent = spec.cgroupParent();
        security = spec.security();
        sysctls = spec.sysctls();
        overhead = spec.overhead();
        resources = spec.resources();
        runtimeHandler = spec.runtimeHandler();
    }

    public static PodSpec of(PodSpec spec, Consumer<PodSpecDraft> change) {
        var draft = new PodSpecDraft(spec);
        change.accept(draft);
        return new PodSpec(
                draft.metadata,
                draft.hostname,
                draft.logDirectory,
                draft.dns,
                spec.ports(),
                spec.labels(),
                draft.annotations,
                draft.cgroupParent,
                draft.security,
                draft.sysctls,
                draft.overhead,
                draft.resources,
                draft.runtimeHandler);
    }

    /** With other namespaces, and the security of the pod as it is besides. */
    public static PodSpec inNamespaces(PodSpec spec, NamespaceOptions namespaces) {
        var given = spec.security();
        return of(
                spec,
                draft -> draft.security = new PodSecurity(
                        namespaces,
                        given.selinux(),
                        given.runAsUser(),
                        given.runAsGroup(),
                        given.readonlyRootfs(),
                        given.supplementalGroups(),
                        given.mergesImageGroups(),
                        given.privileged(),
                        given.seccomp(),
                        given.apparmor()));
    }
}
