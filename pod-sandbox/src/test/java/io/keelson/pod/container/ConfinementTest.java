package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.oci.lsm.SecurityModules;
import io.keelson.pod.SecurityProfile;
import io.keelson.pod.SecurityProfile.Kind;
import io.keelson.pod.SelinuxLabel;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On hosts whose files say that they have AppArmor or SELinux, and on those that have neither. */
class ConfinementTest {
    @TempDir
    Path host;

    private final ConfigBuilder config = new ConfigBuilder();

    private void file(String path, String content) throws IOException {
        var file = host.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    private void loadProfiles(String profiles) throws IOException {
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        file("sys/kernel/security/apparmor/profiles", profiles);
    }

    private Optional<String> apparmor() {
        return confinement().apparmorProfile(config.build().security());
    }

    private Confinement confinement() {
        return new Confinement(SecurityModules.at(host));
    }

    private void want(Kind kind, String reference) {
        config.apparmor = Optional.of(new SecurityProfile(kind, reference));
    }

    private void refused(Failure.Kind kind, String why) {
        assertThatThrownBy(this::apparmor)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .hasMessageContaining(why);
    }

    @Test
    @Tag("T08")
    void withoutAppArmorOnlyANamedProfileIsRefused() {
        assertThat(apparmor()).isEmpty();
        want(Kind.RUNTIME_DEFAULT, "");
        assertThat(apparmor()).isEmpty();
        want(Kind.UNCONFINED, "");
        assertThat(apparmor()).isEmpty();
        want(Kind.LOCALHOST, "strict");
        refused(Failure.Kind.WRONG_STATE, "\"strict\" cannot be applied: AppArmor is not enabled");
    }

    @Test
    @Tag("T08")
    void aNamedProfileHasToBeLoaded() throws IOException {
        loadProfiles("strict (enforce)\n");
        want(Kind.LOCALHOST, "strict");
        assertThat(apparmor()).contains("strict");
        want(Kind.LOCALHOST, "other");
        refused(Failure.Kind.WRONG_STATE, "\"other\" cannot be applied: it is not loaded");
        for (var nameless : new String[] {"", " "}) {
            want(Kind.LOCALHOST, nameless);
            refused(Failure.Kind.INVALID, "no name");
        }
    }

    @Test
    void theDefaultProfileIsForAllThatAskForNoneWhereItIsLoaded() throws IOException {
        loadProfiles("keelson-default (enforce)\n");
        assertThat(apparmor()).contains("keelson-default");
        want(Kind.RUNTIME_DEFAULT, "");
        assertThat(apparmor()).contains("keelson-default");
        want(Kind.UNCONFINED, "");
        assertThat(apparmor()).isEmpty();
    }

    @Test
    void theDefaultProfileIsNeverLessThanWasAskedFor() throws IOException {
        loadProfiles("strict (enforce)\n");
        assertThat(apparmor()).as("nobody asked").isEmpty();
        want(Kind.RUNTIME_DEFAULT, "");
        refused(Failure.Kind.WRONG_STATE, "keelson-default is not loaded");
    }

    @Test
    void selinuxLabelsAreThereWhenSomebodyLooksAtThem() throws IOException {
        var security = config.build().security();
        config.selinux = Optional.of(new SelinuxLabel("", "", "", "s0:c1,c2"));
        assertThat(confinement().selinux(config.build().security())).isEmpty();

        file("sys/fs/selinux/enforce", "0");
        assertThat(confinement().selinux(config.build().security()).orElseThrow())
                .hasToString("system_u:system_r:container_t:s0:c1,c2");
        assertThat(confinement().selinux(security)).as("nothing is said").isEmpty();
    }

    /** A volume is labelled when it is asked for, on a node with SELinux, and never a directory of the system. */
    @Test
    @Tag("T09")
    void whatIsMountedIsRelabelledOnlyWhereItIsAskedForAndMeansSomething() throws IOException {
        config.selinux = Optional.of(new SelinuxLabel("", "", "", "s0"));
        config.mounts.add(mount("/etc", true));
        confinement().relabel(config.build());

        file("sys/fs/selinux/enforce", "1");
        assertThatThrownBy(() -> confinement().relabel(config.build()))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("/etc");
        config.mounts.set(0, mount("/etc", false));
        confinement().relabel(config.build());
    }

    private static ContainerMount mount(String path, boolean relabel) {
        return new ContainerMount(
                "/mounted",
                path,
                false,
                relabel,
                ContainerMount.Propagation.PRIVATE,
                false,
                List.of(),
                List.of(),
                Optional.empty(),
                "",
                List.of());
    }
}
