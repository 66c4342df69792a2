package io.keelson.server.config;

import io.keelson.host.failure.Failure;
import io.keelson.image.PinnedImages;
import io.keelson.image.layer.LayerKind;
import io.keelson.image.layer.LayerLimits;
import io.keelson.oci.cgroup.CgroupDriver;
import io.keelson.oci.spec.Rlimit;
import io.keelson.pod.container.NodeAdditions;
import io.keelson.pod.network.HostPortMode;
import io.keelson.pod.network.NetworkSettings;
import io.keelson.server.connection.TlsSettings;
import io.keelson.server.connection.TlsVersion;
import io.keelson.server.http.ListenAddress;
import io.keelson.server.tracing.Collector;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/** Everything that can be set, a record for each table. Nothing has to be: {@link #defaults} is a working node. */
public record Configuration(
        @Setting(help = "The CRI socket.") Server server,
        @Setting(help = "Where things lie.") Storage storage,
        @Setting(help = "Logging, to stdout.") Log log,
        @Setting(help = "What runs containers.") Runtimes runtime,

        @Setting(help = "What the node gives to containers besides what they ask for.")
        Containers containers,

        @Setting(help = "Pod networks (CNI).") Network network,
        @Setting(help = "Pulling images.") Images images,
        @Setting(help = "Exec, attach and port-forward.") Streaming streaming,

        @Setting(help = "What Prometheus and others ask of the daemon, by HTTP.")
        Metrics metrics,

        @Setting(help = "Traces of calls and of what they take, by OpenTelemetry.")
        Tracing tracing) {

    /** As the daemon is without a configuration file. */
    public static Configuration defaults() {
        return ConfigurationReader.read(List.of());
    }

    public record Server(
            @Setting(
                    help =
                            "The Unix socket on which kubelet and crictl find the runtime; root and its group may connect.",
                    value = "/run/keelson/keelson.sock")
            Path socket,

            @Setting(
                    help =
                            "A second place for the pages of inspect.sock, which lies in storage.state: where a tool looks for them that was made for another runtime, such as /var/run/crio/crio.sock; empty: none.",
                    value = "")
            String inspectSocket) {
        /** sun_path of unix(7), less its terminator. */
        private static final int LONGEST_PATH_BYTES = 107;

        public Server {
            if (!inspectSocket.isEmpty() && !inspectSocket.startsWith("/")) {
                throw Failure.invalid("server.inspect_socket: not an absolute path: " + inspectSocket);
            }
            var length = socket.toString().getBytes(StandardCharsets.UTF_8).length;
            if (length > LONGEST_PATH_BYTES) {
                throw Failure.invalid("server.socket: a socket's path has at most " + LONGEST_PATH_BYTES
                        + " bytes, and this has " + length + ": " + socket);
            }
        }

        /** Absent if there is no second place. */
        public Optional<Path> inspect() {
            return Optional.of(inspectSocket).filter(path -> !path.isEmpty()).map(Path::of);
        }
    }

    public record Storage(
            @Setting(
                    help = "Images, layers, and the records and writable layers of pods and containers.",
                    value = "/var/lib/keelson")
            Path root,

            @Setting(help = "What a reboot ends: namespaces, sockets, mounts.", value = "/run/keelson")
            Path state,

            @Setting(
                    help =
                            "As what layers are stored and mounted: erofs, files that the kernel mounts (Linux 6.12 and later); erofs-loop, files by loop devices; directory, unpacked; auto, the first of these that the kernel has.",
                    value = "auto")
            LayerKind layerStore) {
        public Storage {
            if (root.startsWith(state) || state.startsWith(root)) {
                throw Failure.invalid(
                        "storage.state: " + state + " and storage.root " + root + " must not contain each other");
            }
        }
    }

    public record Log(
            @Setting(help = "The least that is written.", value = "info")
            LogLevel level) {}

    /** Names as in the file. */
    public enum LogLevel {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    public record Runtimes(
            @Setting(
                    help = "The handler of pods that ask for none; empty: crun if it is installed, otherwise runc.",
                    value = "")
            String defaultHandler,

            @Setting(help = "conmon, which keeps a container's output and exit code.", value = "/usr/bin/conmon")
            Path monitor,

            @Setting(help = "The init of pods that share a PID namespace.", value = "/usr/bin/catatonit")
            Path init,

            @Setting(
                    help =
                            "Who makes control groups, as kubelet's cgroupDriver says too: cgroupfs (Keelson) or systemd.",
                    value = "cgroupfs")
            CgroupDriver cgroupDriver,

            @Setting(
                    help =
                            "What stands before a container's id in the name of its control group, with a dash between: crio, where cAdvisor is to know containers by the pages of server.inspect_socket; empty: nothing, and cri-keelson with systemd. A change counts for later containers.",
                    value = "")
            String containerGroupPrefix,

            @Setting(
                    help = "Where systemd is asked for control groups, as D-Bus writes an address.",
                    value = "unix:path=/run/dbus/system_bus_socket")
            String systemBus,

            @Setting(help = "OCI runtimes by the name that a RuntimeClass gives. Without any: crun and runc.")
            Map<String, Handler> handlers) {
        private static final Pattern GROUP_PREFIX = Pattern.compile("[a-z0-9]{0,32}");

        public Runtimes {
            if (!GROUP_PREFIX.matcher(containerGroupPrefix).matches()) {
                throw Failure.invalid("runtime.container_group_prefix: not up to 32 small letters and digits: "
                        + containerGroupPrefix);
            }
            if (!systemBus.startsWith("unix:")) {
                throw Failure.invalid(
                        "runtime.system_bus: not the address of a Unix socket, unix:path=…: " + systemBus);
            }
        }
    }

    public record Handler(
            @Setting(help = "The program; empty: the handler's name, found in the usual directories.", value = "")
            String program) {
        public Handler {
            if (!program.isEmpty() && !Path.of(program).isAbsolute()) {
                throw Failure.invalid("runtime.handlers.*.program: not an absolute path: " + program);
            }
        }
    }

    public record Containers(
            @Setting(
                    help = "Where devices are described (CDI); a later directory beats an earlier one.",
                    value = {"/etc/cdi", "/var/run/cdi"})
            List<Path> cdiDirectories,

            @Setting(
                    help =
                            "Where OCI hooks lie (oci-hooks(5)); in a later directory a file of the same name beats the earlier one.",
                    value = {"/usr/share/containers/oci/hooks.d", "/etc/containers/oci/hooks.d"})
            List<Path> hookDirectories,

            @Setting(help = "Limits of every container's processes, such as \"nofile=1024:2048\": soft and hard.")
            List<String> defaultUlimits) {
        public Containers {
            try {
                defaultUlimits.forEach(Rlimit::parse);
            } catch (Failure e) {
                throw e.during("containers.default_ulimits");
            }
        }

        public NodeAdditions additions() {
            return new NodeAdditions(cdiDirectories, hookDirectories);
        }

        public List<Rlimit> rlimits() {
            return defaultUlimits.stream().map(Rlimit::parse).toList();
        }
    }

    public record Network(
            @Setting(help = "Where network configurations are looked for, first hit first.", value = "/etc/cni/net.d")
            List<Path> configurationDirectories,

            @Setting(
                    help = "Where CNI plugins are looked for.",
                    value = {"/opt/cni/bin", "/usr/lib/cni", "/usr/libexec/cni"})
            List<Path> pluginDirectories,

            @Setting(help = "What one plugin call may take.", value = "60s")
            Duration pluginTimeout,

            @Setting(
                    help =
                            "Who publishes host ports: keelson by itself, or cni, a plugin with the portMappings capability.",
                    value = "keelson")
            HostPortMode hostPorts) {
        /** @param records where what was attached is kept */
        public NetworkSettings settings(Path records) {
            return new NetworkSettings(configurationDirectories, pluginDirectories, records, pluginTimeout, hostPorts);
        }
    }

    public record Images(
            @Setting(
                    help =
                            "Mirrors and plain-HTTP registries (containers-registries.conf(5), version 2); it may be absent.",
                    value = "/etc/containers/registries.conf")
            Path registries,

            @Setting(
                    help =
                            "Where a directory for a registry's host is looked for, with a hosts.toml as containerd has it or certificates as Docker has them; the first that has one counts.",
                    value = {"/etc/containerd/certs.d", "/etc/containers/certs.d", "/etc/docker/certs.d"})
            List<Path> hostDirectories,

            @Setting(
                    help =
                            "Credentials for pulls that bring none, as Docker's config.json or auth.json have them (containers-auth.json(5)); the first that has some counts.")
            List<Path> authFiles,

            @Setting(
                    help = "Where the programs docker-credential-* that such files name are looked for.",
                    value = {"/usr/local/bin", "/usr/bin"})
            List<Path> credentialHelperDirectories,

            @Setting(help = "What one such program may take.", value = "30s")
            Duration credentialHelperTimeout,

            @Setting(help = "Without an answer, or the next 4 KiB, for so long, a registry is given up.", value = "60s")
            Duration progressTimeout,

            @Setting(
                    help =
                            "The same for a mirror, which has to send 256 KiB in that time; then others are asked, and it last for a while.",
                    value = "10s")
            Duration mirrorTimeout,

            @Setting(help = "The oldest version of TLS that registries are spoken to by: 1.2 or 1.3.", value = "1.2")
            TlsVersion tlsMinimumVersion,

            @Setting(help = "The longest that one layer may be when it is unpacked, in MiB.", value = "65536")
            int maxLayerMebibytes,

            @Setting(help = "The most files, directories and links in one layer.", value = "1000000")
            int maxLayerEntries,

            @Setting(
                    help =
                            "Images that are only removed by name: whole names, or with * for any characters. kubelet is told so.")
            List<String> pinned,

            @Setting(
                    help =
                            "Whether layers are kept as they came, too, so that other tools can read them: none, or compressed, which takes about half as much disk again. A change counts from the next start and for later pulls.",
                    value = "none")
            KeptBlobs keepBlobs,

            @Setting(
                    help =
                            "How long layers that nothing needs any more stay for a pull that may come; 0s: they go with their image.",
                    value = "0s")
            Duration unusedLayersAge,

            @Setting(help = "Most of those, in MiB; the longest unused go first.", value = "10240")
            int unusedLayersSize,

            @Setting(
                    help =
                            "How often all layers are compared with what was written; what is damaged is brought again. 0s: never.",
                    value = "168h")
            Duration scrubInterval,

            @Setting(help = "How quickly that reads, in MiB a second.", value = "20")
            int scrubRate) {
        public Images {
            requirePositive("images.max_layer_mebibytes", maxLayerMebibytes);
            requirePositive("images.max_layer_entries", maxLayerEntries);
            for (var timeout : List.of(credentialHelperTimeout, progressTimeout, mirrorTimeout)) {
                if (!timeout.isPositive()) {
                    throw Failure.invalid("images: a timeout has to be longer than nothing, and one is " + timeout);
                }
            }
            if (unusedLayersSize < 0) {
                throw Failure.invalid("images.unused_layers_size: not a size: " + unusedLayersSize);
            }
            if (scrubRate < 1) {
                throw Failure.invalid("images.scrub_rate: not a rate: " + scrubRate);
            }
            try {
                var _ = new PinnedImages(pinned);
            } catch (Failure e) {
                throw e.during("images.pinned");
            }
        }

        private static void requirePositive(String key, int number) {
            if (number < 1) {
                throw Failure.invalid(key + ": less than 1: " + number);
            }
        }

        public LayerLimits layerLimits() {
            var bytes = (long) maxLayerMebibytes << 20;
            return new LayerLimits(bytes, bytes, maxLayerEntries);
        }
    }

    /** What is kept of layers beside their files. */
    public enum KeptBlobs {
        NONE,
        COMPRESSED
    }

    public record Metrics(
            @Setting(
                    help =
                            "Where /metrics, /healthz and /readyz are: unix:/run/keelson/metrics.sock or 127.0.0.1:9637, say; empty: nowhere, and nothing is counted.",
                    value = "")
            String listen,

            @Setting(help = "Encryption of these pages; without a certificate there is none.")
            Tls tls) {
        public Metrics {
            address(listen);
            tls.check("metrics.tls");
        }

        /** Absent if nothing is to be encrypted. */
        public Optional<TlsSettings> encryption() {
            return tls.settings("metrics.tls");
        }

        /** Absent if nobody is to ask. */
        public Optional<ListenAddress> address() {
            return address(listen);
        }

        private static Optional<ListenAddress> address(String listen) {
            return listen.isEmpty() ? Optional.empty() : Optional.of(ListenAddress.parse("metrics.listen", listen));
        }
    }

    public record Tracing(
            @Setting(
                    help =
                            "Who collects spans, by OTLP over gRPC: a host and its port, 127.0.0.1:4317, say, or unix:/run/otel.sock; empty: nobody, and nothing is traced.",
                    value = "")
            String endpoint,

            @Setting(
                    help =
                            "Of a million calls without a trace of their caller, so many are traced. Whether a call in a trace is, its caller says: kubelet, as its own tracing is configured.",
                    value = "0")
            int samplingRatePerMillion,

            @Setting(
                    help =
                            "Certificates, in PEM, by one of which the collector's has to be signed; empty: those that Java trusts. TLS is spoken where this is set, and with every collector that is not on this node.",
                    value = "")
            String authorities,

            @Setting(help = "Speak no TLS with collectors elsewhere either.", value = "false")
            boolean insecure) {
        private static final int ALL = 1_000_000;

        public Tracing {
            if (samplingRatePerMillion < 0 || samplingRatePerMillion > ALL) {
                throw Failure.invalid(
                        "tracing.sampling_rate_per_million: not between 0 and " + ALL + ": " + samplingRatePerMillion);
            }
            collector(endpoint, authorities, insecure);
        }

        /** Absent if nothing is to be traced. */
        public Optional<Collector> collector() {
            return collector(endpoint, authorities, insecure);
        }

        private static Optional<Collector> collector(String endpoint, String authorities, boolean insecure) {
            return endpoint.isEmpty()
                    ? Optional.empty()
                    : Optional.of(Collector.of("tracing", endpoint, authorities, insecure));
        }
    }

    public record Streaming(
            @Setting(
                    help =
                            "Where clients are sent to; kubelet passes their streams on, so nobody else has to reach it.",
                    value = "127.0.0.1")
            String address,

            @Setting(help = "0: any.", value = "0") int port,

            @Setting(help = "Without a byte in either direction for so long, a stream is ended.", value = "4h")
            Duration idleTimeout,

            @Setting(help = "What a client may take to open the streams that it asked for.", value = "30s")
            Duration creationTimeout,

            @Setting(help = "Encryption of streams. kubelet has to trust the certificate; without one there is none.")
            Tls tls) {
        private static final int LARGEST_PORT = 0xFFFF;

        public Streaming {
            if (port < 0 || port > LARGEST_PORT) {
                throw Failure.invalid("streaming.port: not a port: " + port);
            }
            tls.check("streaming.tls");
        }

        /** Absent if nothing is to be encrypted. */
        public Optional<TlsSettings> encryption() {
            return tls.settings("streaming.tls");
        }
    }

    /** Where and how the connections of a server are encrypted. */
    public record Tls(
            @Setting(
                    help =
                            "The server's certificate and those that lead to a root, in PEM. Files that change are read again.",
                    value = "")
            String certificate,

            @Setting(help = "Its private key, in PEM, without a password.", value = "")
            String key,

            @Setting(
                    help = "Certificates, in PEM, by one of which a client's own has to be signed; empty: any client.",
                    value = "")
            String clientAuthorities,

            @Setting(help = "The oldest version of TLS that is spoken: 1.2 or 1.3.", value = "1.2")
            TlsVersion minimumVersion) {
        /** @param table that this is, for the message */
        void check(String table) {
            requireAbsolute(table + ".certificate", certificate);
            requireAbsolute(table + ".key", key);
            requireAbsolute(table + ".client_authorities", clientAuthorities);
            if (certificate.isEmpty() != key.isEmpty()) {
                throw Failure.invalid(table + ": a certificate and its key are set together, or neither");
            }
            if (certificate.isEmpty() && !clientAuthorities.isEmpty()) {
                throw Failure.invalid(
                        table + ".client_authorities: without a certificate of its own the server cannot ask for one");
            }
        }

        private static void requireAbsolute(String key, String file) {
            if (!file.isEmpty() && !file.startsWith("/")) {
                throw Failure.invalid(key + ": not an absolute path: " + file);
            }
        }

        /** Absent if nothing is to be encrypted. */
        private Optional<TlsSettings> settings(String table) {
            return certificate.isEmpty()
                    ? Optional.empty()
                    : Optional.of(new TlsSettings(
                            table,
                            Path.of(certificate),
                            Path.of(key),
                            clientAuthorities.isEmpty() ? Optional.empty() : Optional.of(Path.of(clientAuthorities)),
                            minimumVersion));
        }
    }
}
