package io.keelson.pod.network;

import io.keelson.host.failure.Failure;
import io.keelson.host.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.List;

/**
 * The version in which a network's plugins are spoken to, where its configuration offers several ({@code cniVersions}): the
 * highest that all of them speak. They are asked once, and again when a plugin was replaced.
 */
final class VersionChoice {
    private record Asked(Json.Obj network, List<FileTime> plugins, CniVersion answer) {}

    private final PluginRunner runner;
    private final NetworkChain chain;
    private volatile List<Asked> last = List.of();

    VersionChoice(PluginRunner runner, NetworkChain chain) {
        this.runner = runner;
        this.chain = chain;
    }

    NetworkConfiguration choose(NetworkConfiguration network) {
        if (network.offered().size() == 1) {
            return network;
        }
        var plugins = network.plugins().stream().map(this::modified).toList();
        for (var asked : last) {
            if (asked.network().equals(network.source()) && asked.plugins().equals(plugins)) {
                return network.in(asked.answer());
            }
        }
        var answer = ask(network);
        last = List.of(new Asked(network.source(), plugins, answer));
        return network.in(answer);
    }

    private CniVersion ask(NetworkConfiguration network) {
        var common = new ArrayList<>(network.offered());
        for (var plugin : network.plugins()) {
            try {
                common.retainAll(chain.versions(plugin));
            } catch (Failure e) {
                // A plugin that does not say is asked to ADD all the same, and then says what is wrong with it.
            }
        }
        return common.isEmpty() ? network.offered().getLast() : common.getFirst();
    }

    private FileTime modified(PluginConfiguration plugin) {
        return runner.find(plugin.type()).map(VersionChoice::modified).orElse(FileTime.fromMillis(0));
    }

    private static FileTime modified(Path program) {
        try {
            return Files.getLastModifiedTime(program);
        } catch (IOException e) {
            return FileTime.fromMillis(0);
        }
    }
}
