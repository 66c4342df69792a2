package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.host.process.ProcessIdentity;
import io.keelson.image.ImageConfig;
import io.keelson.image.blob.Platform;
import io.keelson.image.rootfs.ResolvedUser;
import io.keelson.oci.cgroup.ContainerGroup;
import io.keelson.oci.cgroup.HostResources;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.oci.runtime.RuntimeFeatures;
import io.keelson.oci.spec.Capabilities;
import io.keelson.oci.spec.KernelVersion;
import io.keelson.oci.spec.LinuxResources;
import io.keelson.oci.spec.Machine;
import io.keelson.oci.spec.NamespaceChoices.Fresh;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.NamespaceChoices.Join;
import io.keelson.oci.spec.Rlimit;
import io.keelson.oci.spec.SeccompChoice;
import io.keelson.oci.spec.SpecMount;
import io.keelson.oci.spec.SpecRequest;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodSpec;
import io.keelson.pod.PodSpecDraft;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SelinuxLabel;
import io.keelson.pod.container.ContainerConfig.EnvironmentVariable;
import io.keelson.pod.files.FileOwner;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** From what was asked for, the image, the pod and the node to what the OCI specification is built from: a test a rule. */
class ContainerSpecsTest {
    private static final PodId POD = new PodId("ab".repeat(32));
    private static final Capabilities ALL = new Capabilities((1L << 41) - 1);
    private static final Machine MACHINE = new Machine("amd64", new KernelVersion(6, 18), 2);

    @TempDir
    Path directory;

    private final ConfigBuilder config = new ConfigBuilder();
    private List<Rlimit> rlimits = List.of();
    private PodPaths paths;
    private Pod pod;

    @BeforeEach
    void makePod() {
        paths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        pod = ReadyPods.add(new PodCatalog(paths), paths, POD, ReadyPods.spec("web"));
        paths.files(POD).write("web-0", Optional.empty(), List.of("10.0.0.5"), FileOwner.ROOT);
    }

    private static ImageConfig image(List<String> entrypoint, List<String> cmd, List<String> env, String workingDir) {
        return new ImageConfig(
                Platform.of("linux", "amd64", "", List.of()),
                env,
                entrypoint,
                cmd,
                workingDir,
                "",
                Set.of(),
                Map.of(),
                "",
                Set.of(),
                List.of());
    }

    private static final ImageConfig IMAGE = image(List.of("/entry"), List.of("cmd"), List.of(), "");

    private SpecRequest request() {
        return request(false, -1000);
    }

    private SpecRequest request(boolean isVersion2, int lowestOomScore) {
        return new ContainerSpecs(
                        paths,
                        new ContainerMounts(paths, handler -> RuntimeFeatures.none("no mount asks for it")),
                        new ContainerNode(
                                ALL,
                                MACHINE,
                                new HostResources(isVersion2, true, true, Set.of("2MB"), "0-1", "0"),
                                SecurityModules.at(directory.resolve("host")),
                                lowestOomScore,
                                rlimits),
                        (owner, target) -> owner.equals(pod.id()) && target.equals("runs")
                                ? Optional.of(new ProcessIdentity(77, 1))
                                : Optional.empty())
                .request(
                        pod,
                        config.build(),
                        IMAGE,
                        Path.of("/rootfs"),
                        new ResolvedUser(5, 6, List.of(6L, 7L), "u", "/home/u"),
                        new ContainerGroup("/pods/p/c", "/pods/p/c", Map.of()));
    }

    private static void refused(ThrowingCallable call, String why) {
        assertThatThrownBy(call)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why)
                .message()
                .as("what came from outside cannot forge a line of the log")
                .doesNotContainPattern("\\p{Cntrl}");
    }

    /** Kubernetes, "Define a Command and Arguments for a Container": the table of four cases. */
    @ParameterizedTest
    @CsvSource({"'', '', /entry cmd", "/c, '', /c", "'', a, /entry a", "/c, a, /c a"})
    void aCommandReplacesTheImagesEntrypointAndItsArguments(String command, String args, String expected) {
        config.command = words(command);
        config.args = words(args);

        assertThat(request().process().arguments()).isEqualTo(words(expected));
    }

    private static List<String> words(String text) {
        return text.isEmpty() ? List.of() : List.of(text.split(" ", -1));
    }

    @Test
    void withoutAnyCommandThereIsNothingToRun() {
        var bare = image(List.of(), List.of(), List.of(), "");
        refused(() -> ContainerSpecs.arguments(config.build(), bare), "no command");
        config.command = List.of("");
        refused(this::request, "no command");
    }

    @Test
    void argumentsAloneRunWhereTheImageHasNoEntrypoint() {
        config.args = List.of("/a", "b");

        assertThat(ContainerSpecs.arguments(config.build(), image(List.of(), List.of("/c"), List.of(), "")))
                .containsExactly("/a", "b");
    }

    private List<String> environment(String... ofImage) {
        return ContainerSpecs.environment(
                config.build(), image(List.of("/e"), List.of(), List.of(ofImage), ""), "web-0");
    }

    @Test
    void theRequestsVariablesWinOverTheImagesAndTheLastOfSeveral() {
        config.env.add(new EnvironmentVariable("A", "request"));
        config.env.add(new EnvironmentVariable("B", "first"));
        config.env.add(new EnvironmentVariable("B", "last=1"));
        config.env.add(new EnvironmentVariable("EMPTY", ""));

        assertThat(environment("A=image", "C=image"))
                .contains("A=request", "B=last=1", "C=image", "EMPTY=")
                .doesNotContain("A=image", "B=first");
    }

    @Test
    void thereIsAlwaysAPathAndTheImagesWins() {
        assertThat(environment()).anyMatch(entry -> entry.startsWith("PATH=/"));
        assertThat(environment("PATH=/opt/bin"))
                .contains("PATH=/opt/bin")
                .filteredOn(e -> e.startsWith("PATH="))
                .hasSize(1);
    }

    @Test
    void aTerminalHasAType() {
        assertThat(environment()).noneMatch(entry -> entry.startsWith("TERM="));
        config.tty = true;
        assertThat(environment()).contains("TERM=xterm");
        assertThat(environment("TERM=vt100")).contains("TERM=vt100").doesNotContain("TERM=xterm");
    }

    @Test
    void theHostNameIsAVariableAsWithOtherRuntimes() {
        assertThat(request().process().environment()).contains("HOSTNAME=web-0");
        config.env.add(new EnvironmentVariable("HOSTNAME", "mine"));
        assertThat(request().process().environment()).contains("HOSTNAME=mine").doesNotContain("HOSTNAME=web-0");
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "A=B", "A\0", "\0"})
    void aVariablesNameIsPlain(String name) {
        config.env.add(new EnvironmentVariable(name, "x"));

        refused(this::request, "environment variable");
    }

    @Test
    void aVariablesValueHasNoNul() {
        config.env.add(new EnvironmentVariable("A", "b\0c"));

        refused(this::request, "environment variable");
    }

    @Test
    void theWorkingDirectoryIsTheRequestsOrTheImagesOrTheRoot() {
        var image = image(List.of("/e"), List.of(), List.of(), "/srv");

        assertThat(ContainerSpecs.workingDirectory(config.build(), IMAGE)).isEqualTo("/");
        assertThat(ContainerSpecs.workingDirectory(config.build(), image)).isEqualTo("/srv");
        config.workingDir = "/w";
        assertThat(ContainerSpecs.workingDirectory(config.build(), image)).isEqualTo("/w");
    }

    @ParameterizedTest
    @Tag("T06")
    @ValueSource(strings = {"relative", "../x", "/a\nb", "/a\rb", "/a:b", "/a\0"})
    void aWorkingDirectoryIsAbsoluteAndPrintable(String where) {
        config.workingDir = where;

        refused(this::request, "working directory");
    }

    /** Whoever makes an account from it, in the container or elsewhere, gets no second line. */
    @ParameterizedTest
    @Tag("T06")
    @ValueSource(strings = {"/root\nroot2::0:0::/:/bin/sh", "/root\r", "/a:0", "\u0085"})
    void aHomeThatWouldForgeAnAccountIsRefusedWhoeverNamesIt(String home) {
        refused(() -> environment("HOME=" + home), "HOME");
        config.env.add(new EnvironmentVariable("HOME", home));
        refused(this::request, "HOME");
    }

    /** The two characters are not the byte that they stand for elsewhere. */
    @Test
    @Tag("T06")
    void aBackslashAndAnNAreTwoCharactersOfAHome() {
        config.env.add(new EnvironmentVariable("HOME", "/root\\nroot2"));
        config.env.add(new EnvironmentVariable("HOMES", "/a:/b\n"));
        config.workingDir = "/a\\nb";
        assertThat(environment("HOME=/forged\n")).contains("HOME=/root\\nroot2", "HOMES=/a:/b\n");
        assertThat(request().process().workingDirectory()).isEqualTo("/a\\nb");
    }

    @Test
    void theUserIsTheOneThatWasResolved() {
        assertThat(request().process().user().uid()).isEqualTo(5);
        assertThat(request().process().user().gid()).isEqualTo(6);
        assertThat(request().process().user().additionalGids()).containsExactly(6L, 7L);
    }

    @Test
    void whatNobodyAskedForIsNotGiven() {
        var security = request().security();

        assertThat(security.privileged()).isFalse();
        assertThat(security.capabilities().granted()).hasSameElementsAs(Capabilities.DEFAULT);
        assertThat(security.capabilities().ambient()).isEmpty();
        assertThat(security.seccomp()).isEqualTo(new SeccompChoice.Unconfined());
        assertThat(security.maskedPaths()).contains("/proc/kcore", "/sys/firmware", "/proc/keys");
        assertThat(security.readonlyPaths()).contains("/proc/sys", "/proc/sysrq-trigger");
        assertThat(request().devices()).isEmpty();
        assertThat(request().allowedAnnotations()).isEmpty();
    }

    @Test
    void capabilitiesAreAddedDroppedAndMadeAmbient() {
        config.add = List.of("NET_ADMIN");
        config.drop = List.of("CHOWN");
        config.ambient = List.of("NET_BIND_SERVICE");

        var capabilities = request().security().capabilities();
        assertThat(capabilities.granted()).contains("CAP_NET_ADMIN").doesNotContain("CAP_CHOWN");
        assertThat(capabilities.ambient()).containsExactly("CAP_NET_BIND_SERVICE");
    }

    @Test
    void aPrivilegedContainerHasEverythingWhateverElseWasAskedFor() {
        config.privileged = true;
        config.drop = List.of("ALL");
        config.masked = List.of("/proc/kcore");

        var security = request().security();
        assertThat(security.privileged()).isTrue();
        assertThat(security.capabilities().granted()).isEqualTo(ALL.all().granted());
        assertThat(security.maskedPaths()).isEmpty();
        assertThat(security.readonlyPaths()).isEmpty();
        assertThat(request().devices()).anyMatch(device -> device.path().equals("/dev/null"));
    }

    @Test
    void pathsThatAreAskedForComeToOursAndNotInTheirPlace() {
        config.masked = List.of("/secret");
        config.readonly = List.of("/fixed");

        var security = request().security();
        assertThat(security.maskedPaths()).contains("/secret", "/proc/kcore");
        assertThat(security.readonlyPaths()).contains("/fixed", "/proc/sys");
    }

    @Test
    void everyProcessorsThermalThrottleIsMasked() {
        assertThat(request().security().maskedPaths())
                .contains(
                        "/sys/devices/system/cpu/cpu0/thermal_throttle",
                        "/sys/devices/system/cpu/cpu1/thermal_throttle");
    }

    @Test
    void theRuntimesSeccompProfileIsOursAndAFileIsTheNodes() throws IOException {
        config.seccomp = Optional.of(new SecurityProfile(SecurityProfile.Kind.RUNTIME_DEFAULT, ""));
        assertThat(request().security().seccomp()).isEqualTo(new SeccompChoice.RuntimeDefault());

        config.seccomp = Optional.of(new SecurityProfile(SecurityProfile.Kind.UNCONFINED, ""));
        assertThat(request().security().seccomp()).isEqualTo(new SeccompChoice.Unconfined());

        var profile = Files.writeString(directory.resolve("p.json"), "{\"defaultAction\":\"SCMP_ACT_ALLOW\"}");
        config.seccomp = Optional.of(new SecurityProfile(SecurityProfile.Kind.LOCALHOST, profile.toString()));
        assertThat(request().security().seccomp()).isInstanceOf(SeccompChoice.Localhost.class);
    }

    @ParameterizedTest
    @Tag("T08")
    @ValueSource(strings = {"", "relative.json", "/nonexistent/p.json", "/dev/null", "/etc"})
    void aSeccompProfileThatCannotBeReadNeverMeansNone(String reference) {
        config.seccomp = Optional.of(new SecurityProfile(SecurityProfile.Kind.LOCALHOST, reference));

        refused(this::request, "seccomp profile");
    }

    @Test
    void whatTheSecurityModulesAreToDoStandsInTheSpecification() throws IOException {
        assertThat(request().security().apparmorProfile()).isEmpty();
        assertThat(request().security().selinuxLabel()).isEmpty();
        var host = directory.resolve("host");
        Files.createDirectories(host.resolve("sys/module/apparmor/parameters"));
        Files.createDirectories(host.resolve("sys/kernel/security/apparmor"));
        Files.createDirectories(host.resolve("sys/fs/selinux"));
        Files.writeString(host.resolve("sys/module/apparmor/parameters/enabled"), "Y");
        Files.writeString(host.resolve("sys/kernel/security/apparmor/profiles"), "strict (enforce)");
        Files.writeString(host.resolve("sys/fs/selinux/enforce"), "1");
        config.apparmor = Optional.of(new SecurityProfile(SecurityProfile.Kind.LOCALHOST, "strict"));
        config.selinux = Optional.of(new SelinuxLabel("", "", "", "s0:c3,c4"));

        var security = request().security();
        assertThat(security.apparmorProfile()).contains("strict");
        assertThat(security.selinuxLabel()).contains("system_u:system_r:container_t:s0:c3,c4");
        assertThat(security.mountLabel()).contains("system_u:object_r:container_file_t:s0:c3,c4");
    }

    @Test
    void noNewPrivilegesAndAReadOnlyRootArePassedOn() {
        assertThat(request().security().noNewPrivileges()).isFalse();
        assertThat(request().readonlyRootfs()).isFalse();
        config.noNewPrivileges = true;
        config.readonlyRootfs = true;
        assertThat(request().security().noNewPrivileges()).isTrue();
        assertThat(request().readonlyRootfs()).isTrue();
    }

    @Test
    void namespacesThatThePodHasAreJoinedAndOthersAreTheHosts() throws IOException {
        assertThat(request().namespaces().network()).isEqualTo(new Host());
        assertThat(request().namespaces().uts()).isEqualTo(new Host());

        var pinned = paths.namespaces(POD);
        for (var file : List.of(pinned.network(), pinned.uts(), pinned.ipc())) {
            Files.createFile(file);
        }
        var choices = request().namespaces();
        assertThat(choices.network()).isEqualTo(new Join(pinned.network()));
        assertThat(choices.uts()).isEqualTo(new Join(pinned.uts()));
        assertThat(choices.ipc()).isEqualTo(new Join(pinned.ipc()));
    }

    @Test
    void thePidNamespaceIsThePodsOrAnewOrTheHostsOrAnothers() throws IOException {
        assertThat(request().namespaces().pid()).as("a pod without one").isEqualTo(new Fresh());
        Files.createFile(paths.namespaces(POD).pid());
        assertThat(request().namespaces().pid())
                .isEqualTo(new Join(paths.namespaces(POD).pid()));
        config.pid = NamespaceMode.CONTAINER;
        assertThat(request().namespaces().pid()).isEqualTo(new Fresh());
        config.pid = NamespaceMode.NODE;
        assertThat(request().namespaces().pid()).isEqualTo(new Host());
        config.pid = NamespaceMode.TARGET;
        config.pidTarget = "runs";
        assertThat(request().namespaces().pid()).isEqualTo(new Join(Path.of("/proc/77/ns/pid")));
        config.pidTarget = "gone";
        assertThatThrownBy(this::request)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("\"gone\"");
    }

    @Test
    void aCgroupNamespaceIsThereWithVersion2Only() {
        assertThat(request(false, -1000).namespaces().cgroup()).isEqualTo(new Host());
        assertThat(request(true, -1000).namespaces().cgroup()).isEqualTo(new Fresh());
    }

    @ParameterizedTest
    @CsvSource({"-998, -1000, -998", "-998, 0, 0", "1000, 0, 1000", "5, 300, 300"})
    void anOomScoreIsNotBelowWhatWeMayGive(int wanted, int lowest, int given) {
        config.resources = new LinuxResources(0, 0, 0, 0, wanted, "", "", Map.of(), Map.of(), 0);

        assertThat(request(false, lowest).process().oomScoreAdj()).isEqualTo(OptionalInt.of(given));
    }

    @Test
    void anOomScoreThatNobodyAskedForIsLeftAsItIs() {
        assertThat(request(false, 300).process().oomScoreAdj()).isEmpty();
    }

    private static List<String> destinations(SpecRequest request) {
        return request.mounts().stream().map(SpecMount::destination).toList();
    }

    @Test
    @Tag("T10")
    void thePodsFilesAreThereAndReadOnly() {
        assertThat(destinations(request()))
                .containsExactly("/etc/hostname", "/etc/hosts", "/etc/resolv.conf", "/dev/shm");
        assertThat(request().mounts().subList(0, 3))
                .allMatch(mount -> mount.options().contains("ro"));
        assertThat(request().mounts().get(3).options()).contains("rw");
    }

    @Test
    void aMountOfTheRequestTakesThePlaceOfThePodsFile() throws IOException {
        var mine = Files.createFile(directory.resolve("hosts"));
        config.mounts.add(ContainerMount.bind(mine.toString(), "/etc/hosts", false));

        assertThat(request().mounts())
                .filteredOn(mount -> mount.destination().equals("/etc/hosts"))
                .singleElement()
                .satisfies(mount -> assertThat(mount.source()).isEqualTo(mine.toString()));
    }

    @Test
    void theNodesLimitsAreThoseOfEveryProcess() {
        rlimits = List.of(Rlimit.parse("nofile=10:20"));

        assertThat(request().process().rlimits()).containsExactly(new Rlimit("RLIMIT_NOFILE", 10, 20));
    }

    /** What virtual machine runtimes and vendors' hooks read in the OCI configuration. */
    @Test
    void theSpecificationSaysWhoseContainerItIs() {
        assertThat(request().identity())
                .containsOnly(
                        Map.entry("io.kubernetes.cri.container-type", "container"),
                        Map.entry("io.kubernetes.cri.container-name", "web"),
                        Map.entry("io.kubernetes.cri.image-name", "registry.test/app:v1"),
                        Map.entry("io.kubernetes.cri.sandbox-id", POD.hex()),
                        Map.entry(
                                "io.kubernetes.cri.sandbox-name",
                                pod.spec().metadata().name()),
                        Map.entry(
                                "io.kubernetes.cri.sandbox-namespace",
                                pod.spec().metadata().namespace()),
                        Map.entry(
                                "io.kubernetes.cri.sandbox-uid",
                                pod.spec().metadata().uid()));
    }

    /** {@code procMount: Unmasked} of Kubernetes, on the wire: two empty lists, in a pod with a user namespace. */
    @Test
    void nothingIsMaskedInAPodWithAUserNamespaceIfNothingIsAskedFor() {
        pod = ReadyPods.add(new PodCatalog(paths), paths, POD, withUserNamespace(ReadyPods.spec("web")));
        assertThat(request().security().maskedPaths()).isEmpty();
        assertThat(request().security().readonlyPaths()).isEmpty();

        config.masked = List.of("/proc/kcore");
        assertThat(request().security().maskedPaths()).contains("/proc/kcore", "/proc/keys");
        assertThat(request().security().readonlyPaths()).contains("/proc/sys");
    }

    private static PodSpec withUserNamespace(PodSpec spec) {
        var ids = List.of(new UserNamespace.IdMapping(100_000, 0, 65_536));
        return PodSpecDraft.inNamespaces(
                spec,
                new NamespaceOptions(
                        NamespaceMode.POD,
                        NamespaceMode.POD,
                        NamespaceMode.POD,
                        "",
                        Optional.of(new UserNamespace(NamespaceMode.POD, ids, ids))));
    }
}
