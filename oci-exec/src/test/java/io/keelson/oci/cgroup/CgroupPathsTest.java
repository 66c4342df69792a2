package io.keelson.oci.cgroup;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class CgroupPathsTest {
    private static final String POD = "ab12";

    @ParameterizedTest
    @CsvSource({
        "CGROUPFS, '',               /keelson/ab12",
        "CGROUPFS, /kubepods/pod1,   /kubepods/pod1",
        "CGROUPFS, kubepods/pod1,    /kubepods/pod1",
        "CGROUPFS, a.slice,          /a.slice",
        "SYSTEMD,  '',               /keelson.slice/keelson-ab12.slice",
        "SYSTEMD,  test.slice,       /test.slice",
        "SYSTEMD,  /test.slice,      /test.slice",
        "SYSTEMD,  a-b.slice,        /a.slice/a-b.slice",
        "SYSTEMD,  /a-b.slice,       /a.slice/a-b.slice",
        "SYSTEMD,  /a.slice/a-b.slice, /a.slice/a-b.slice",
        "SYSTEMD,  k-burstable-pod1_2.slice, /k.slice/k-burstable.slice/k-burstable-pod1_2.slice",
    })
    void aPodsGroupIsWhereItsParentSays(CgroupDriver driver, String parent, String expected) {
        assertThat(CgroupPaths.pod(driver, parent, POD)).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "/kubepods/pod1",
                "kubepods",
                "a.scope",
                ".slice",
                "-.slice",
                "-a.slice",
                "a-.slice",
                "a--b.slice",
                "a:b.slice",
                "/x/a-b.slice",
                "/b.slice/a-b.slice",
                "../a.slice",
                "a\n.slice",
                "a.slice/",
            })
    void whatIsNotASliceIsRefusedWhereSystemdMakesGroups(String parent) {
        assertThatThrownBy(() -> CgroupPaths.pod(CgroupDriver.SYSTEMD, parent, POD))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @ParameterizedTest
    @ValueSource(strings = {"/", "/a//b", "/../a", "/a\nb", "/a/"})
    void whatIsNoPathOfPlainNamesIsRefused(String parent) {
        assertThatThrownBy(() -> CgroupPaths.pod(CgroupDriver.CGROUPFS, parent, POD))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void aContainersGroupIsBelowItsPods() {
        assertThat(CgroupPaths.container(CgroupDriver.CGROUPFS, "", "/a/b", "c1"))
                .isEqualTo(new ContainerGroup("/a/b/c1", "/a/b/c1", Map.of()));
        assertThat(CgroupPaths.container(CgroupDriver.SYSTEMD, "", "/a.slice/a-b.slice", "c1"))
                .isEqualTo(new ContainerGroup(
                        "a-b.slice:cri-keelson:c1",
                        "/a.slice/a-b.slice/cri-keelson-c1.scope",
                        Map.of("run.oci.systemd.subgroup", "")));
    }

    @Test
    void aContainersGroupIsNamedAsToolsOfAnotherRuntimeLookForIt() {
        assertThat(CgroupPaths.container(CgroupDriver.CGROUPFS, "crio", "/a/b", "c1"))
                .isEqualTo(new ContainerGroup("/a/b/crio-c1", "/a/b/crio-c1", Map.of()));
        assertThat(CgroupPaths.container(CgroupDriver.SYSTEMD, "crio", "/a.slice", "c1"))
                .isEqualTo(new ContainerGroup(
                        "a.slice:crio:c1", "/a.slice/crio-c1.scope", Map.of("run.oci.systemd.subgroup", "")));
    }

    @Test
    void aPodThatTheOtherDriverMadeGetsNoContainersFromSystemd() {
        assertThatThrownBy(() -> CgroupPaths.container(CgroupDriver.SYSTEMD, "", "/keelson/ab12", "c1"))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.WRONG_STATE))
                .hasMessageContaining("/keelson/ab12");
    }
}
