package io.keelson.pod.namespace;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.pod.namespace.UserNamespace.IdMapping;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

class UserNamespaceCheckTest {
    private static final List<IdMapping> GOOD = List.of(new IdMapping(100_000, 0, 65_536));

    private static NamespaceOptions options(NamespaceMode mode, List<IdMapping> uids, List<IdMapping> gids) {
        return new NamespaceOptions(
                NamespaceMode.POD,
                NamespaceMode.POD,
                NamespaceMode.POD,
                "",
                Optional.of(new UserNamespace(mode, uids, gids)));
    }

    private static void refused(NamespaceOptions options, String why) {
        assertThatThrownBy(() -> UserNamespaceCheck.check(options))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID))
                .hasMessageContaining(why);
    }

    @Test
    void thePodsOwnWithOneRangeFromZeroPassesAndSoDoesTheHosts() {
        UserNamespaceCheck.check(options(NamespaceMode.POD, GOOD, GOOD));
        UserNamespaceCheck.check(options(NamespaceMode.NODE, List.of(), List.of()));
        UserNamespaceCheck.check(NamespaceOptions.defaults());
    }

    @ParameterizedTest
    @EnumSource(
            value = NamespaceMode.class,
            names = {"CONTAINER", "TARGET"})
    void thereIsNoOtherMode(NamespaceMode mode) {
        refused(options(mode, GOOD, GOOD), mode.name());
    }

    @Test
    void eachKindOfIdHasExactlyOneMapping() {
        var two = List.of(GOOD.getFirst(), new IdMapping(300_000, 65_536, 10));

        refused(options(NamespaceMode.POD, two, GOOD), "exactly one mapping of uids");
        refused(options(NamespaceMode.POD, GOOD, two), "exactly one mapping of gids");
        refused(options(NamespaceMode.POD, List.of(), GOOD), "has 0");
        refused(options(NamespaceMode.POD, GOOD, List.of()), "has 0");
    }

    @ParameterizedTest
    @CsvSource({
        "1000, 1, 100, 0 is not mapped",
        "1000, 0, 0, empty",
        "4294967295, 0, 1, beyond",
        "4294967200, 0, 96, beyond",
        "0, 0, 4294967296, beyond"
    })
    void aRangeBeginsWithRootAndEndsBeforeTheLastId(long host, long container, long length, String why) {
        var mapping = List.of(new IdMapping(host, container, length));

        refused(options(NamespaceMode.POD, mapping, GOOD), why);
        refused(options(NamespaceMode.POD, GOOD, mapping), why);
    }

    @Test
    void aRangeMayEndWithTheLastId() {
        var last = List.of(new IdMapping(4_294_967_200L, 0, 95));

        UserNamespaceCheck.check(options(NamespaceMode.POD, last, last));
    }

    @Test
    void nothingElseIsTheHosts() {
        var user = Optional.of(new UserNamespace(NamespaceMode.POD, GOOD, GOOD));
        var pod = NamespaceMode.POD;
        var node = NamespaceMode.NODE;

        refused(new NamespaceOptions(node, pod, pod, "", user), "network");
        refused(new NamespaceOptions(pod, node, pod, "", user), "PID");
        refused(new NamespaceOptions(pod, pod, node, "", user), "IPC");
    }
}
