package io.keelson.pod.network;

import io.keelson.host.lifecycle.WorkListener;
import io.keelson.host.process.SpawnedProcesses;
import io.keelson.pod.files.DnsConfig;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * A node whose CNI plugins are shell scripts: ADD gives the pod 10.99.0.5 unless a test says otherwise, all other verbs
 * succeed, and every call is written down.
 */
final class ScriptedPlugins {
    static final Duration DEADLINE = Duration.ofMillis(1500);

    final Path configurations;
    final Path programs;
    final Path cache;
    final FakePacketFilter filter = new FakePacketFilter();
    final FakeLoopbackRouting routing = new FakeLoopbackRouting();
    final FakeFlows flows = new FakeFlows();

    ScriptedPlugins(Path base) throws IOException {
        configurations = Files.createDirectories(base.resolve("net.d"));
        programs = Files.createDirectories(base.resolve("bin"));
        cache = base.resolve("cache");
    }

    CniPodNetwork network() {
        return network(HostPortMode.KEELSON);
    }

    CniPodNetwork network(HostPortMode mode) {
        var settings = new NetworkSettings(List.of(configurations), List.of(programs), cache, DEADLINE, mode);
        return new CniPodNetwork(
                settings, new SpawnedProcesses(), WorkListener.NONE, new HostPorts(filter, routing, flows));
    }

    /** A network of these plugins, which are installed. */
    ScriptedPlugins with(String version, String... types) throws IOException {
        for (var type : types) {
            install(type);
        }
        var plugins = Arrays.stream(types)
                .map(type -> "{\"type\":\"" + type + "\",\"capabilities\":{\"portMappings\":true}}")
                .toList();
        Files.writeString(
                configurations.resolve("10-test.conflist"),
                "{\"cniVersion\":\"" + version + "\",\"name\":\"test\",\"plugins\":[" + String.join(",", plugins)
                        + "]}");
        return this;
    }

    void install(String type) throws IOException {
        var program = programs.resolve(type);
        Files.writeString(program, """
                #!/bin/sh
                request=$(cat)
                printf '%%s %%s netns=%%s args=%%s %%s\\n' "$CNI_COMMAND" %1$s "$CNI_NETNS" "$CNI_ARGS" "$request" >>%2$s/calls
                if [ -e %2$s/%1$s.$CNI_COMMAND ]; then . %2$s/%1$s.$CNI_COMMAND; exit; fi
                if [ $CNI_COMMAND = ADD ]; then
                  echo '{"cniVersion":"1.0.0","ips":[{"address":"10.99.0.5/24"}],"by":"%1$s"}'
                fi
                """.formatted(type, programs));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    }

    /** What the plugin does for this verb from now on: shell commands. */
    void script(String type, CniVerb verb, String commands) throws IOException {
        Files.writeString(programs.resolve(type + "." + verb), commands);
    }

    void unscript(String type, CniVerb verb) throws IOException {
        Files.delete(programs.resolve(type + "." + verb));
    }

    /** The calls there were, in order: verb, type, namespace, arguments and request. */
    List<String> calls() {
        try {
            var log = programs.resolve("calls");
            return Files.exists(log) ? Files.readAllLines(log) : List.of();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Verbs and types alone. */
    List<String> verbs() {
        return calls().stream()
                .map(call -> String.join(" ", Arrays.copyOf(call.split(" ", 3), 2)))
                .toList();
    }

    List<String> cached() throws IOException {
        var names = new ArrayList<String>();
        if (Files.exists(cache)) {
            try (var files = Files.list(cache)) {
                files.map(file -> String.valueOf(file.getFileName())).sorted().forEach(names::add);
            }
        }
        return names;
    }

    static NetworkRequest pod(String id, PortMapping... ports) {
        return new NetworkRequest(
                id,
                "web",
                "default",
                "uid-1",
                Path.of("/run/nowhere"),
                List.of(ports),
                Map.of(),
                "/pods/" + id,
                Optional.of(new DnsConfig(List.of("10.0.0.10"), List.of("svc.example"), List.of("ndots:5"))),
                List.of("web-0"));
    }
}
