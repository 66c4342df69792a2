package io.keelson.server.rpc;

import io.keelson.host.failure.Failure;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodFilter;
import io.keelson.pod.PodMetadata;
import io.keelson.pod.PodSpec;
import io.keelson.pod.PodState;
import io.keelson.pod.container.Container;
import io.keelson.pod.files.DnsConfig;
import io.keelson.pod.network.PodAddresses;
import io.keelson.pod.network.PortMapping;
import io.keelson.pod.network.Protocol;
import io.keelson.proto.LinuxPodSandboxStatus;
import io.keelson.proto.ListPodSandboxResponse;
import io.keelson.proto.Namespace;
import io.keelson.proto.PodIP;
import io.keelson.proto.PodSandbox;
import io.keelson.proto.PodSandboxConfig;
import io.keelson.proto.PodSandboxFilter;
import io.keelson.proto.PodSandboxMetadata;
import io.keelson.proto.PodSandboxNetworkStatus;
import io.keelson.proto.PodSandboxState;
import io.keelson.proto.PodSandboxStatus;
import io.keelson.proto.PodSandboxStatusResponse;
import io.keelson.proto.RunPodSandboxRequest;
import io.keelson.proto.StreamPodSandboxesResponse;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.Iterator;
import java.util.List;
import java.util.Optional;

/** Between CRI's pod sandboxes and our pods. */
final class Pods {
    private Pods() {}

    /** An id, or the beginning of one, which must be something: the empty beginning fits every pod. */
    static String id(String id) {
        if (id.isEmpty()) {
            throw Failure.invalid("the request names no pod");
        }
        return id;
    }

    /** What is not on the wire's own level, the runtime handler too, is checked where it is known. */
    static PodSpec spec(RunPodSandboxRequest request) {
        var config = request.getConfig();
        var metadata = config.getMetadata();
        return new PodSpec(
                new PodMetadata(metadata.getName(), metadata.getNamespace(), metadata.getUid(), metadata.getAttempt()),
                config.getHostname(),
                config.getLogDirectory(),
                dns(config),
                config.getPortMappingsList().stream().map(Pods::port).toList(),
                config.getLabelsMap(),
                config.getAnnotationsMap(),
                config.getLinux().getCgroupParent(),
                Securities.pod(config.getLinux().getSecurityContext()),
                config.getLinux().getSysctlsMap(),
                Resources.of(config.getLinux().getOverhead()),
                Resources.of(config.getLinux().getResources()),
                request.getRuntimeHandler());
    }

    private static Optional<DnsConfig> dns(PodSandboxConfig config) {
        if (!config.hasDnsConfig()) {
            return Optional.empty();
        }
        var dns = config.getDnsConfig();
        return Optional.of(new DnsConfig(dns.getServersList(), dns.getSearchesList(), dns.getOptionsList()));
    }

    private static PortMapping port(io.keelson.proto.PortMapping port) {
        var protocol = switch (port.getProtocol()) {
            case TCP -> Protocol.TCP;
            case UDP -> Protocol.UDP;
            case SCTP -> Protocol.SCTP;
            case UNRECOGNIZED -> throw Failure.invalid("the request asks for a port of a protocol that does not exist");
        };
        return new PortMapping(protocol, port.getContainerPort(), port.getHostPort(), port.getHostIp());
    }

    static PodFilter filter(PodSandboxFilter filter) {
        return new PodFilter(
                filter.getId(),
                filter.hasState() ? Optional.of(state(filter.getState().getState())) : Optional.empty(),
                filter.getLabelSelectorMap());
    }

    static ListPodSandboxResponse list(List<Pod> pods) {
        return ListPodSandboxResponse.newBuilder()
                .addAllItems(Pages.whole(pods.stream().map(Pods::item), "StreamPodSandboxes"))
                .build();
    }

    static Iterator<StreamPodSandboxesResponse> stream(List<Pod> pods) {
        return Pages.of(
                pods.stream().map(Pods::item),
                page -> StreamPodSandboxesResponse.newBuilder()
                        .addAllPodSandboxes(page)
                        .build());
    }

    private static PodSandbox item(Pod pod) {
        return PodSandbox.newBuilder()
                .setId(pod.id().hex())
                .setMetadata(metadata(pod.spec().metadata()))
                .setState(state(pod.state()))
                .setCreatedAt(Times.nanos(pod.createdAt()))
                .putAllLabels(pod.spec().labels())
                .putAllAnnotations(pod.spec().annotations())
                .setRuntimeHandler(pod.spec().runtimeHandler())
                .build();
    }

    /**
     * @param containers all of the pod, and {@code at} a moment before they and the pod were looked at: kubelet compares it with the
     *     times of events
     */
    static PodSandboxStatusResponse response(
            PodCatalog catalog, Pod pod, List<Container> containers, Instant at, boolean verbose) {
        var response =
                PodSandboxStatusResponse.newBuilder().setStatus(status(pod)).setTimestamp(Times.nanos(at));
        containers.forEach(container -> response.addContainersStatuses(Containers.status(container)));
        if (verbose) {
            response.putInfo("info", new String(catalog.details(pod.id()).toBytes(), StandardCharsets.UTF_8));
        }
        return response.build();
    }

    static PodSandboxStatus status(Pod pod) {
        var spec = pod.spec();
        return PodSandboxStatus.newBuilder()
                .setId(pod.id().hex())
                .setMetadata(metadata(spec.metadata()))
                .setState(state(pod.state()))
                .setCreatedAt(Times.nanos(pod.createdAt()))
                .setNetwork(pod.addresses().map(Pods::network).orElse(PodSandboxNetworkStatus.getDefaultInstance()))
                .setLinux(LinuxPodSandboxStatus.newBuilder()
                        .setNamespaces(Namespace.newBuilder()
                                .setOptions(
                                        Securities.namespaces(spec.security().namespaces()))))
                .putAllLabels(spec.labels())
                .putAllAnnotations(spec.annotations())
                .setRuntimeHandler(spec.runtimeHandler())
                .build();
    }

    private static PodSandboxNetworkStatus network(PodAddresses addresses) {
        var network = PodSandboxNetworkStatus.newBuilder().setIp(addresses.primary());
        addresses
                .additional()
                .forEach(each -> network.addAdditionalIps(PodIP.newBuilder().setIp(each)));
        return network.build();
    }

    static PodSandboxMetadata metadata(PodMetadata metadata) {
        return PodSandboxMetadata.newBuilder()
                .setName(metadata.name())
                .setNamespace(metadata.namespace())
                .setUid(metadata.uid())
                .setAttempt(metadata.attempt())
                .build();
    }

    private static PodState state(PodSandboxState state) {
        return switch (state) {
            case SANDBOX_READY -> PodState.READY;
            case SANDBOX_NOTREADY -> PodState.NOT_READY;
            case UNRECOGNIZED -> throw Failure.invalid("the request asks for pods in a state that does not exist");
        };
    }

    private static PodSandboxState state(PodState state) {
        return switch (state) {
            case READY -> PodSandboxState.SANDBOX_READY;
            case NOT_READY -> PodSandboxState.SANDBOX_NOTREADY;
        };
    }
}
