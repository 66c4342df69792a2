package io.keelson.e2e.node;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** A packaged Keelson, and usually the one that {@code keelson.home} says; {@code keelson.runc} says where runc is. */
public final class Keelson implements CriDaemon {
    /** What a CNI plugin may take. */
    public static final Duration PLUGIN_TIMEOUT = Duration.ofSeconds(5);

    private static final String MACHINE_PLUGINS = "/usr/lib/cni";

    private final String name;
    private final Optional<Path> home;

    private Keelson(String name, Optional<Path> home) {
        this.name = name;
        this.home = home;
    }

    public Keelson() {
        this("keelson", Optional.empty());
    }

    /**
     * Another build, to compare with.
     *
     * @param home its program directory
     */
    public static Keelson other(String name, Path home) {
        return new Keelson(name, Optional.of(home));
    }

    @Override
    public String name() {
        return name;
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

    private String program() {
        return home.orElseGet(() -> Path.of(Program.required("keelson.home")))
                .resolve("bin/keelson")
                .toString();
    }
}
