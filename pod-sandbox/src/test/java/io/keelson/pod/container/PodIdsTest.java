package io.keelson.pod.container;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.rootfs.IdMap;
import io.keelson.oci.spec.NamespaceChoices.Host;
import io.keelson.oci.spec.NamespaceChoices.Join;
import io.keelson.pod.Pod;
import io.keelson.pod.PodCatalog;
import io.keelson.pod.PodId;
import io.keelson.pod.PodPaths;
import io.keelson.pod.PodSpecDraft;
import io.keelson.pod.ReadyPods;
import io.keelson.pod.namespace.NamespaceMode;
import io.keelson.pod.namespace.NamespaceOptions;
import io.keelson.pod.namespace.UserNamespace;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class PodIdsTest {
    private static final UserNamespace OWN = user(100_000);

    @TempDir
    Path directory;

    private PodPaths paths;
    private PodIds ids;
    private Pod mapped;
    private Pod plain;

    private static UserNamespace user(long host) {
        var mapping = List.of(new IdMapping(host, 0, 65_536));
        return new UserNamespace(NamespaceMode.POD, mapping, mapping);
    }

    private static NamespaceOptions options(NamespaceMode pid, UserNamespace... user) {
        return new NamespaceOptions(
                NamespaceMode.POD,
                pid,
                NamespaceMode.POD,
                "",
                List.of(user).stream().findFirst());
    }

    @BeforeEach
    void makePods() {
        paths = new PodPaths(directory.resolve("root"), directory.resolve("state"));
        ids = new PodIds(paths);
        var catalog = new PodCatalog(paths);
        mapped = ReadyPods.add(
                catalog,
                paths,
                new PodId("a".repeat(64)),
                PodSpecDraft.inNamespaces(ReadyPods.spec("mapped"), options(NamespaceMode.POD, OWN)));
        plain = ReadyPods.add(catalog, paths, new PodId("b".repeat(64)), ReadyPods.spec("plain"));
    }

    private void refused(Pod pod, NamespaceOptions wanted, String why) {
        assertThatThrownBy(() -> ids.namespace(pod, wanted))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why);
    }

    @Test
    void aContainerIsInTheUserNamespaceOfItsPod() {
        var join = new Join(paths.namespaces(mapped.id()).user());
        assertThat(ids.namespace(mapped, options(NamespaceMode.CONTAINER))).isEqualTo(join);
        assertThat(ids.namespace(mapped, options(NamespaceMode.POD, OWN))).isEqualTo(join);
        assertThat(ids.namespace(plain, options(NamespaceMode.NODE))).isInstanceOf(Host.class);
        assertThat(ids.namespace(
                        plain, options(NamespaceMode.POD, new UserNamespace(NamespaceMode.NODE, List.of(), List.of()))))
                .isInstanceOf(Host.class);
    }

    @Test
    void itAsksForNoOther() {
        var host = new UserNamespace(NamespaceMode.NODE, List.of(), List.of());
        refused(mapped, options(NamespaceMode.POD, user(300_000)), "another user namespace");
        refused(mapped, options(NamespaceMode.POD, host), "another user namespace");
        refused(plain, options(NamespaceMode.POD, OWN), "another user namespace");
    }

    @Test
    void rootOfAUserNamespaceDoesNotSeeTheHostsProcesses() {
        refused(mapped, options(NamespaceMode.NODE), "host's PID namespace");
    }

    @Test
    void filesAreMappedInAPodWithAUserNamespaceAlone() {
        assertThat(ids.map(plain)).isEqualTo(IdMap.IDENTITY);
        assertThat(ids.map(mapped))
                .isEqualTo(IdMap.of(
                        paths.namespaces(mapped.id()).user(),
                        new IdMap.Range(100_000, 65_536),
                        new IdMap.Range(100_000, 65_536)));
        assertThat(PodIds.ownUser(mapped)).isEqualTo(Optional.of(OWN));
    }
}
