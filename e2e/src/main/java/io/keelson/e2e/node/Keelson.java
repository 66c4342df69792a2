package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;

/** The packaged Keelson; {@code keelson.home} says where, and {@code keelson.runc} where runc is. */
public final class Keelson implements CriDaemon {
    /** What a CNI plugin may take. */
    public static final Duration PLUGIN_TIMEOUT = Duration.ofSeconds(5);

    private static final String MACHINE_PLUGINS = "/usr/lib/cni";

    @Override
    public String name() {
        return "keelson";
    }

    @Override
    public List<String> configure(NodePlace place, Setup setup) throws IOException {
        if (setup.network()) {
            CriDaemon.writeNetwork(place, "");
        }
        var registries = place.directory().resolve("registries.conf");
        if (setup.registry().isPresent()) {
            Files.writeString(registries, setup.registriesConf());
        }
        var configuration = Files.writeString(place.directory().resolve("keelson.toml"), """
                [server]
                socket = "%s"
                [storage]
                root = "%s"
                state = "%s"
                layer_store = "%s"
                [runtime]
                default_handler = "%s"
                %s
                [network]
                configuration_directories = ["%s"]
                plugin_directories = ["%s", "%s"]
                plugin_timeout = "%ds"
                [images]
                registries = "%s"
                %s
                """.formatted(
                        place.socket(),
                        place.root(),
                        place.state(),
                        setup.layerStore(),
                        setup.handler(),
                        handlers(setup),
                        place.networks(),
                        place.plugins(),
                        MACHINE_PLUGINS,
                        PLUGIN_TIMEOUT.toSeconds(),
                        registries,
                        setup.tables()));
        return List.of(program(), "--config=" + configuration);
    }

    private static String handlers(Setup setup) {
        var runc = System.getProperty("keelson.runc", "");
        if (runc.isEmpty()) {
            if (setup.handler().equals("runc")) {
                Program.required("keelson.runc");
            }
            return "";
        }
        return """
                [runtime.handlers.crun]
                [runtime.handlers.runc]
                program = "%s"
                """.formatted(runc);
    }

    private static String program() {
        return Path.of(Program.required("keelson.home")).resolve("bin/keelson").toString();
    }
}
