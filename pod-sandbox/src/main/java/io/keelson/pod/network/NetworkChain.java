package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** Runs the plugins of a network in the order that a verb asks for (CNI 1.1, section 3). */
final class NetworkChain {
    private final PluginRunner runner;
    private final HostPortMode hostPorts;

    NetworkChain(PluginRunner runner, HostPortMode hostPorts) {
        this.runner = runner;
        this.hostPorts = hostPorts;
    }

    /**
     * Attaches: each plugin gets the result of the one before.
     *
     * @param ended told the type of each plugin that has done its work
     * @throws Failure UNAVAILABLE if a plugin fails or answers nonsense; those before it have done their work
     */
    CniResult add(Attachment attachment, Consumer<String> ended) {
        var arguments = new CapabilityArguments(attachment.request(), hostPorts);
        var parameters = attachment.parameters(Optional.of(attachment.request().netns()));
        var previous = Optional.<CniResult>empty();
        for (var plugin : attachment.network().plugins()) {
            var request = attachment.network().request(plugin, more(arguments, plugin, previous));
            var answer = runner.run(CniVerb.ADD, plugin.type(), request, parameters);
            previous = Optional.of(read(plugin, answer));
            ended.accept(plugin.type());
        }
        var result = previous.orElseThrow();
        var _ = result.podAddresses();
        return result;
    }

    private static CniResult read(PluginConfiguration plugin, byte[] answer) {
        try {
            return CniResult.parse(answer);
        } catch (Failure e) {
            throw new Failure(
                    Failure.Kind.UNAVAILABLE,
                    "plugin " + plugin.type() + ", ADD: its answer is of no use: " + e.getMessage(),
                    e);
        }
    }

    /**
     * Detaches: from the last plugin to the first, each with the final result of ADD if there is one. All are run, also after
     * an ADD that failed at the first, and whether or not others fail.
     *
     * @throws Failure the first one; later ones are suppressed in it
     */
    void delete(Attachment attachment, Optional<Path> netns) {
        var arguments = new CapabilityArguments(attachment.request(), hostPorts);
        var parameters = attachment.parameters(netns);
        var failures = new Failures();
        for (var plugin : attachment.network().plugins().reversed()) {
            var previous = attachment.network().version().isAtLeast(CniVersion.V0_4_0)
                    ? attachment.result()
                    : Optional.<CniResult>empty();
            var request = attachment.network().request(plugin, more(arguments, plugin, previous));
            failures.collect(() -> runner.run(CniVerb.DEL, plugin.type(), request, parameters));
        }
        failures.throwFirst();
    }

    /**
     * Asks whether the pod is attached as ADD left it. Networks before CNI 0.4.0 cannot be asked.
     *
     * @throws Failure UNAVAILABLE with what is wrong
     */
    void check(Attachment attachment) {
        var network = attachment.network();
        if (network.disablesCheck() || !network.version().isAtLeast(CniVersion.V0_4_0)) {
            return;
        }
        var arguments = new CapabilityArguments(attachment.request(), hostPorts);
        var parameters = attachment.parameters(Optional.of(attachment.request().netns()));
        for (var plugin : network.plugins()) {
            var request = network.request(plugin, more(arguments, plugin, attachment.result()));
            runner.run(CniVerb.CHECK, plugin.type(), request, parameters);
        }
    }

    /** @throws Failure UNAVAILABLE with what a plugin says is not ready; networks before CNI 1.1.0 cannot be asked */
    void status(NetworkConfiguration network, Duration limit) {
        if (network.version().isAtLeast(CniVersion.V1_1_0)) {
            for (var plugin : network.plugins()) {
                runner.run(CniVerb.STATUS, plugin.type(), network.request(plugin, Map.of()), Map.of(), limit);
            }
        }
    }

    /**
     * Has plugins drop what belongs to none of these pods.
     *
     * @throws Failure the first one; all plugins are run
     */
    void collectGarbage(NetworkConfiguration network, Collection<String> podIds) {
        if (network.disablesGc() || !network.version().isAtLeast(CniVersion.V1_1_0)) {
            return;
        }
        Json valid = new Json.Arr(podIds.stream()
                .<Json>map(each -> Json.object()
                        .put("containerID", each)
                        .put("ifname", Attachment.INTERFACE)
                        .build())
                .toList());
        var failures = new Failures();
        for (var plugin : network.plugins()) {
            var request = network.request(plugin, Map.of("cni.dev/valid-attachments", valid));
            failures.collect(() -> runner.run(CniVerb.GC, plugin.type(), request, Map.of()));
        }
        failures.throwFirst();
    }

    /** The versions that a plugin says it speaks; none if it does not say. */
    List<CniVersion> versions(PluginConfiguration plugin) {
        var request = Json.object()
                .put("cniVersion", CniVersion.SUPPORTED.getLast().toString())
                .build();
        var answer = Json.parseObject(runner.run(CniVerb.VERSION, plugin.type(), request, Map.of()));
        return answer.texts("supportedVersions").stream().map(CniVersion::parse).toList();
    }

    private static Map<String, Json> more(
            CapabilityArguments arguments, PluginConfiguration plugin, Optional<CniResult> previous) {
        var more = new LinkedHashMap<String, Json>();
        arguments.of(plugin).ifPresent(each -> more.put("runtimeConfig", each));
        previous.ifPresent(each -> more.put("prevResult", each.json()));
        return more;
    }
}
