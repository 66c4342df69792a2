package io.keelson.oci.lsm;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class SecurityModulesTest {
    @TempDir
    Path root;

    private void file(String path, String content) throws IOException {
        var file = root.resolve(path);
        Files.createDirectories(file.getParent());
        Files.writeString(file, content);
    }

    @Test
    void aNodeMayHaveNone() {
        var modules = SecurityModules.at(root);

        assertThat(modules).isEqualTo(new SecurityModules(root, false, false, false));
        assertThat(modules.isLoaded("x")).isFalse();
    }

    @ParameterizedTest
    @CsvSource({"Y, true", "N, false", "'', false"})
    void appArmorIsThereIfTheKernelSaysSo(String enabled, boolean isThere) throws IOException {
        file("sys/module/apparmor/parameters/enabled", enabled + "\n");
        assertThat(SecurityModules.at(root).hasAppArmor())
                .as("without its files")
                .isFalse();
        file("sys/kernel/security/apparmor/profiles", "");
        assertThat(SecurityModules.at(root).hasAppArmor()).isEqualTo(isThere);
    }

    @Test
    void aProfileIsLoadedWhenTheKernelListsItNow() throws IOException {
        file("sys/module/apparmor/parameters/enabled", "Y\n");
        file(
                "sys/kernel/security/apparmor/profiles",
                "one (enforce)\nname with words (complain)\nodd (one) (enforce)\n");
        var modules = SecurityModules.at(root);

        assertThat(modules.isLoaded("one")).isTrue();
        assertThat(modules.isLoaded("name with words")).isTrue();
        assertThat(modules.isLoaded("odd (one)")).isTrue();
        assertThat(modules.isLoaded("odd")).isFalse();
        assertThat(modules.isLoaded("name")).isFalse();
        assertThat(modules.isLoaded("on")).isFalse();
        assertThat(modules.isLoaded("")).isFalse();
        assertThat(modules.isLoaded("later")).isFalse();
        file("sys/kernel/security/apparmor/profiles", "later (unconfined)\n");
        assertThat(modules.isLoaded("later")).isTrue();
    }

    @ParameterizedTest
    @CsvSource({"1, true", "0, false"})
    void selinuxIsThereAlsoWhenItOnlyWarns(String enforce, boolean enforcing) throws IOException {
        file("sys/fs/selinux/enforce", enforce);

        assertThat(SecurityModules.at(root)).isEqualTo(new SecurityModules(root, false, true, enforcing));
    }

    @Test
    void whatIsNotSaidOfALabelIsAsContainerPoliciesNameIt() {
        assertThat(SelinuxContext.ofProcess("", "", "", "", false))
                .hasToString("system_u:system_r:container_t:s0")
                .satisfies(label -> assertThat(label.ofFiles()).hasToString("system_u:object_r:container_file_t:s0"));
        assertThat(SelinuxContext.ofProcess("", "", "", "", true)).hasToString("system_u:system_r:spc_t:s0");
        assertThat(SelinuxContext.ofProcess("u", "r", "t", "s0:c1,c2", true))
                .hasToString("u:r:t:s0:c1,c2")
                .satisfies(label -> assertThat(label.ofFiles()).hasToString("u:object_r:container_file_t:s0:c1,c2"));
    }

    @ParameterizedTest
    @ValueSource(strings = {"a:b", "a b", "a\n", "a\0", "a/b"})
    void aPartOfALabelIsAWord(String part) {
        assertThatThrownBy(() -> SelinuxContext.ofProcess("", "", part, "", false))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining("type");
    }
}
