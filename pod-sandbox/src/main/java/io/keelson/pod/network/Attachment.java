package io.keelson.pod.network;

import io.keelson.host.json.Json;
import io.keelson.host.record.RecordFormat;
import io.keelson.pod.files.DnsConfig;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * A pod on a network: all that is needed to take it off again.
 *
 * @param network the configuration as it was
 * @param result what ADD answered in the end; absent from before ADD until it has succeeded
 * @param routedInterface the host's interface to the pod, if Keelson let packets of 127.0.0.0/8 through it
 */
record Attachment(
        NetworkRequest request,
        NetworkConfiguration network,
        Optional<CniResult> result,
        Optional<String> routedInterface) {
    static final String INTERFACE = "eth0";
    static final RecordFormat FORMAT = new RecordFormat("record of a pod's network", 2);

    static Attachment begun(NetworkRequest request, NetworkConfiguration network) {
        return new Attachment(request, network, Optional.empty(), Optional.empty());
    }

    Attachment with(CniResult answered) {
        return new Attachment(request, network, Optional.of(answered), routedInterface);
    }

    Attachment routing(Optional<String> hostInterface) {
        return new Attachment(request, network, result, hostInterface);
    }

    String podId() {
        return request.podId();
    }

    /** CNI_CONTAINERID and the others (CNI 1.1, section 2, "Parameters"); without a namespace CNI_NETNS is empty. */
    Map<String, String> parameters(Optional<Path> netns) {
        return Map.of(
                "CNI_CONTAINERID",
                podId(),
                "CNI_NETNS",
                netns.map(Path::toString).orElse(""),
                "CNI_IFNAME",
                INTERFACE,
                "CNI_ARGS",
                "IgnoreUnknown=1;K8S_POD_NAMESPACE=" + request.namespace() + ";K8S_POD_NAME="
                        + request.name() + ";K8S_POD_INFRA_CONTAINER_ID=" + podId() + ";K8S_POD_UID="
                        + request.uid());
    }

    Json.Obj toJson() {
        var json = FORMAT.begin()
                .put("podId", request.podId())
                .put("name", request.name())
                .put("namespace", request.namespace())
                .put("uid", request.uid())
                .put("netns", request.netns().toString())
                .putAll(
                        "ports",
                        request.ports().stream().map(Attachment::toJson).toList())
                .putTextMap("annotations", request.annotations())
                .put("cgroupPath", request.cgroupPath())
                .putTexts("aliases", request.aliases())
                .put("cniVersion", network.version().toString())
                .put("network", network.source());
        request.dns().ifPresent(each -> json.put("dns", each.toJson()));
        result.ifPresent(each -> json.put("result", each.json()));
        routedInterface.ifPresent(each -> json.put("routedInterface", each));
        return json.build();
    }

    byte[] toBytes() {
        return FORMAT.seal(toJson());
    }

    static Attachment of(Json.Obj json) {
        var request = new NetworkRequest(
                json.text("podId"),
                json.text("name"),
                json.text("namespace"),
                json.text("uid"),
                Path.of(json.text("netns")),
                ports(json),
                json.textMap("annotations"),
                json.text("cgroupPath"),
                json.findObject("dns").map(DnsConfig::fromJson),
                json.texts("aliases"));
        return new Attachment(
                request,
                NetworkConfiguration.of(json.object("network")).in(CniVersion.parse(json.text("cniVersion"))),
                json.findObject("result").map(CniResult::of),
                json.findText("routedInterface"));
    }

    private static Json.Obj toJson(PortMapping port) {
        return Json.object()
                .put("protocol", port.protocol().lowerCase())
                .put("containerPort", port.containerPort())
                .put("hostPort", port.hostPort())
                .put("hostIp", port.hostIp())
                .build();
    }

    private static List<PortMapping> ports(Json.Obj json) {
        return json.objects("ports").stream()
                .map(port -> new PortMapping(
                        Protocol.valueOf(port.text("protocol").toUpperCase(Locale.ROOT)),
                        Math.toIntExact(port.number("containerPort")),
                        Math.toIntExact(port.number("hostPort")),
                        port.text("hostIp")))
                .toList();
    }
}
