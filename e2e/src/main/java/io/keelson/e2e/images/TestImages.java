package io.keelson.e2e.images;

import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/**
 * The images that critest asks for by name, and those of our own scenarios. A repository has the same path in the registry on
 * loopback as under its public host, so that one mirror entry for each host serves them all. No two images share an identifier
 * unless critest wants them to: it compares the names of an image for equality.
 */
public final class TestImages {
    /** The image that most scenarios run: busybox with every applet. */
    public static final String BUSYBOX = "e2e-test-images/busybox:1.29-2";

    /** Says that SIGUSR2 stops it. */
    public static final String STOPPED_BY_USR2 = "keelson/stop-signal";

    private static final String CRI_TOOLS = "k8s-staging-cri-tools/";
    private static final List<String> LATEST = List.of("latest");

    private final Materials materials;
    private final Registry registry;
    private final List<String> architectures;
    private final Layer busybox;
    private int pushed;

    /** For images of this machine's architecture; the lists name one more, of which the programs are not. */
    public TestImages(Materials materials, Registry registry) throws IOException {
        this.materials = materials;
        this.registry = registry;
        var here = architecture();
        architectures = List.of(here, here.equals("amd64") ? "arm64" : "amd64");
        busybox = materials.busybox();
    }

    /** The architecture of this machine in the words of image configurations. */
    public static String architecture() {
        return System.getProperty("os.arch").equals("aarch64") ? "arm64" : "amd64";
    }

    /** Pushes {@link #BUSYBOX}. */
    public void pushBusybox() throws IOException, InterruptedException {
        push("e2e-test-images/busybox", List.of("1.29-2"), marked("busybox"));
    }

    /** Pushes {@link #BUSYBOX}, what critest's benchmarks pull, and what a peer holds a pod's namespaces with. */
    public void pushForBench() throws IOException, InterruptedException {
        pushBusybox();
        pushForBenchmarks();
        push("pause", List.of("3.10.1"), pause("3.10.1"));
    }

    private void pushForBenchmarks() throws IOException, InterruptedException {
        push("docker/library/busybox", List.of("1.35.0-glibc"), marked("benchmark"));
    }

    /**
     * Pushes everything that critest 1.36 asks for; one image is pinned by a digest that nobody else can make, and is
     * {@link #digestImage} here.
     */
    public void pushForCritest() throws IOException, InterruptedException {
        pushBusybox();
        pushServers();
        push("e2e-test-images/nonewprivs", List.of("1.3"), noNewPrivileges());
        push("pause", List.of("3.9"), pause("3.9"));
        push("pause", List.of("3.10.1"), pause("3.10.1"));
        pushForBenchmarks();

        push(CRI_TOOLS + "test-image-latest", LATEST, marked("latest"));
        push(CRI_TOOLS + "test-image-tag", List.of("test"), marked("tag-test"));
        push(CRI_TOOLS + "test-image-tag", List.of("all"), marked("tag-all"));
        for (var number : List.of("1", "2", "3")) {
            push(CRI_TOOLS + "test-image-" + number, LATEST, marked("image-" + number));
        }
        push(CRI_TOOLS + "test-image-tags", List.of("1", "2", "3"), marked("tags"));
        registry.push(CRI_TOOLS + "test-image-digest", LATEST, digestImage(), List.of("amd64", "arm64"));
        push(CRI_TOOLS + "test-image-user-uid", LATEST, marked("user-uid").as("1002"));
        push(
                CRI_TOOLS + "test-image-user-username",
                LATEST,
                marked("user-username").as("www-data"));
        push(
                CRI_TOOLS + "test-image-user-uid-group",
                LATEST,
                marked("user-uid-group").as("1003:1004"));
        push(
                CRI_TOOLS + "test-image-user-username-group",
                LATEST,
                marked("user-username-group").as("www-data:1004"));
        push(CRI_TOOLS + "test-image-predefined-group", LATEST, predefinedGroup());
    }

    private void pushServers() throws IOException, InterruptedException {
        push("e2e-test-images/nginx", List.of("1.14-2"), server(80));
        registry.pushPlain(CRI_TOOLS + "hostnet-nginx-" + architecture(), LATEST, server(12003), architecture());
        push(
                "e2e-test-images/httpd",
                List.of("2.4.39-4"),
                Image.of(
                        List.of(
                                busybox,
                                Layer.of(new LayerTar()
                                        .directory("srv", 0755)
                                        .file("srv/index.html", 0644, "httpd answers\n"))),
                        "sh",
                        "-c",
                        "echo httpd starts; exec httpd -f -p 80 -h /srv"));
    }

    private Image server(int port) throws IOException {
        return Image.of(List.of(busybox, materials.nginx(port)), "nginx", "-c", "/etc/nginx/nginx.conf");
    }

    private Image noNewPrivileges() throws IOException {
        return Image.of(List.of(Layer.of(new LayerTar().file("nonewprivs", 04755, materials.program("nonewprivs")))))
                .withEntrypoint("/nonewprivs");
    }

    private Image pause(String version) throws IOException {
        return Image.of(List.of(Layer.of(new LayerTar().file("pause", 0755, materials.program("pause")))))
                .withEntrypoint("/pause")
                .as("65535:65535")
                .labelled("pause " + version);
    }

    private Image predefinedGroup() {
        var users = new LayerTar()
                .file("etc/passwd", 0644, "root:x:0:0:root:/root:/bin/sh\ndefault-user:x:1000:1000::/home:/bin/sh\n")
                .file(
                        "etc/group",
                        0644,
                        "root:x:0:\ndefault-user:x:1000:\ngroup-defined-in-image:x:50000:default-user\n");
        return Image.of(List.of(busybox, Layer.of(users)), "sh").as("default-user");
    }

    /** Busybox with one file of its own, so that it is an image of its own. */
    private Image marked(String text) {
        return Image.of(List.of(busybox, marker(text, Compression.GZIP)), "sh");
    }

    /**
     * An image whose list has one digest on every machine: it is filled with nothing that is built or compressed. The file
     * {@code e2e/images/digest} says which, for the critest that asks for it.
     */
    static Image digestImage() {
        return Image.of(List.of(marker("digest", Compression.NONE)), "sh");
    }

    private static Layer marker(String text, Compression compression) {
        return Layer.of(new LayerTar().file("marker", 0644, text + "\n"), compression);
    }

    /** Pushes what the scenarios of our own ask for, all below {@code keelson/}. */
    public void pushForScenarios() throws IOException, InterruptedException {
        push("keelson/zstd", LATEST, Image.of(List.of(busybox, marker("zstd", Compression.ZSTD)), "sh"));
        push("keelson/plain", LATEST, Image.of(List.of(busybox, marker("plain", Compression.NONE)), "sh"));
        push("keelson/layers", LATEST, Image.of(layersOfAllKinds(), "sh"));
        push(
                "keelson/wrong-diffid",
                LATEST,
                Image.of(List.of(busybox, marker("lie", Compression.GZIP).withFalseDiffId()), "sh"));
        push(STOPPED_BY_USR2, LATEST, marked("stop signal").with("StopSignal", "SIGUSR2"));
        registry.push("keelson/wrong-platform", LATEST, marked("elsewhere"), List.of("s390x", "riscv64"));
        registry.pushPlain("keelson/no-list", LATEST, marked("no list"), architecture());
    }

    /** Whiteouts, an opaque directory, hard and symbolic links, an attribute that is not text, implied directories, long names. */
    private List<Layer> layersOfAllKinds() {
        var lower = new LayerTar()
                .directory("kinds", 0755)
                .file("kinds/removed", 0644, "of the lower layer\n")
                .file("kinds/replaced", 0644, "of the lower layer\n")
                .directory("kinds/opaque", 0700)
                .file("kinds/opaque/hidden", 0644, "of the lower layer\n")
                .file("implied/by/this/file", 0640, "its directories have no entries\n")
                .file("kinds/" + "long".repeat(60), 0644, "a name of 240 bytes\n");
        var upper = new LayerTar()
                .whiteout("kinds/removed")
                .file("kinds/replaced", 0600, "of the upper layer\n")
                .directory("kinds/opaque", 0750)
                .opaque("kinds/opaque")
                .file("kinds/opaque/seen", 0644, "of the upper layer\n")
                .hardLink("kinds/second-name", "kinds/replaced", 0600)
                .symbolicLink("kinds/link", "replaced")
                .attribute("user.keelson", new byte[] {0, (byte) 0x80, (byte) 0xff})
                .file("kinds/attribute", 0644, "has an attribute\n")
                .characterDevice("kinds/null", 0666, 1, 3)
                .ownedBy(1234, 5678)
                .file("kinds/owned", 0640, "is somebody's\n");
        return List.of(busybox, Layer.of(lower), Layer.of(upper, Compression.ZSTD));
    }

    /** The families take turns, so that both are met everywhere. */
    private void push(String repository, List<String> tags, Image image) throws IOException, InterruptedException {
        var family = pushed++ % 2 == 0 ? Family.DOCKER : Family.OCI;
        var known = image.layers().stream().noneMatch(layer -> layer.compression() == Compression.ZSTD);
        registry.push(repository, tags, image.in(known ? family : Family.OCI), architectures);
    }

    /** usage: TestImages REGISTRY MATERIALS busybox|critest|all. */
    public static void main(String[] arguments) throws IOException, InterruptedException {
        if (arguments.length != 3) {
            throw new IllegalArgumentException("usage: TestImages HOST:PORT MATERIALS-DIRECTORY busybox|critest|all");
        }
        try (var registry = new Registry(arguments[0])) {
            var images = new TestImages(new Materials(Path.of(arguments[1])), registry);
            switch (arguments[2]) {
                case "busybox" -> images.pushBusybox();
                case "critest" -> images.pushForCritest();
                default -> {
                    images.pushForCritest();
                    images.pushForScenarios();
                }
            }
        }
    }
}
