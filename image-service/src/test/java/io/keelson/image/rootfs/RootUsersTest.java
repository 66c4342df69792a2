package io.keelson.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.LayerFixture;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(10)
class RootUsersTest {
    @TempDir
    private Path temporary;

    private Path root;
    private final RootUsers users = new RootUsers();

    @BeforeEach
    void accounts() throws IOException {
        root = Files.createDirectories(temporary.resolve("root"));
        Files.createDirectories(root.resolve("etc"));
        Files.writeString(root.resolve("etc/passwd"), """
                root:x:0:0:root:/root:/bin/sh
                # a comment
                broken:x:-1:0::/:/bin/sh
                app:x:1000:1001:App:/srv/app:/bin/sh
                4294967296:x:0:0::/:/bin/sh
                +0:x:0:0::/:/bin/sh
                -0:x:0:0::/:/bin/sh
                00:x:0:0::/:/bin/sh
                0x0:x:0:0::/:/bin/sh
                2147483648:x:0:0::/:/bin/sh
                99999999999999999999:x:0:0::/:/bin/sh
                \u0660:x:0:0::/:/bin/sh
                \uFF10:x:0:0::/:/bin/sh
                """);
        Files.writeString(root.resolve("etc/group"), "root:x:0:\napp:x:1001:\nwheel:x:10:app,root\naudio:x:29:app\n");
    }

    private ResolvedUser image(String user) {
        return users.resolve(root, UserRequest.ofImage(user));
    }

    private static UserRequest request(
            OptionalLong uid, OptionalLong gid, String name, List<Long> groups, boolean merge) {
        return new UserRequest("app", uid, gid, name, groups, merge);
    }

    private void assertRefused(UserRequest request) {
        assertThatThrownBy(() -> users.resolve(root, request))
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(Failure.Kind.INVALID));
    }

    @Test
    void isRootWhereNothingIsSaid() {
        assertThat(image("")).isEqualTo(new ResolvedUser(0, 0, List.of(0L, 10L), "root", "/root"));
    }

    @Test
    @Tag("T13")
    void findsANameWithItsGroups() {
        assertThat(image("app")).isEqualTo(new ResolvedUser(1000, 1001, List.of(1001L, 10L, 29L), "app", "/srv/app"));
    }

    @Test
    @Tag("T13")
    void takesTheGroupThatTheImageNames() {
        assertThat(image("app:wheel").gid()).isEqualTo(10);
        assertThat(image("app:77").gid()).isEqualTo(77);
        assertThat(image("5:6")).isEqualTo(new ResolvedUser(5, 6, List.of(6L), "", "/"));
    }

    @Test
    @Tag("T13")
    void prefersTheRequestToTheImage() {
        var resolved = users.resolve(root, request(OptionalLong.of(7), OptionalLong.of(8), "", List.of(9L, 8L), true));
        assertThat(resolved).isEqualTo(new ResolvedUser(7, 8, List.of(8L, 9L), "", "/"));
        assertThat(users.resolve(root, request(OptionalLong.empty(), OptionalLong.empty(), "root", List.of(), true))
                        .uid())
                .isZero();
    }

    @Test
    @Tag("T13")
    void addsNoGroupsOfTheImageWhereThePolicyIsStrict() {
        var resolved =
                users.resolve(root, request(OptionalLong.of(1000), OptionalLong.empty(), "", List.of(5L), false));
        assertThat(resolved.supplementary()).containsExactly(1001L, 5L);
    }

    @ParameterizedTest
    @Tag("T14")
    @Tag("T15")
    @Tag("T06")
    @ValueSource(
            strings = {
                "4294967296",
                "4294967296:0",
                "4294967295",
                "4294967294",
                "2147483648",
                "0:2147483648",
                "0:4294967296",
                "99999999999999999999",
                "+0",
                "-0",
                "00",
                "01",
                "\u0660",
                "\uFF10",
                "0x0",
                " 0",
                "0 ",
                "-1",
                "nobody",
                "app:nogroup",
                "app:-1",
                "app:root:x",
                "a\nb",
                "app\n",
                "app\r",
                "app:\n",
                "root\0",
                "."
            })
    void refusesWhatIsNeitherANumberNorAKnownName(String user) {
        assertRefused(UserRequest.ofImage(user));
    }

    @Test
    @Tag("T14")
    void takesNumbersUpToTheirLimit() {
        assertThat(image("2147483647").uid()).isEqualTo(2147483647L);
        assertThat(users.resolve(root, request(OptionalLong.of(4294967294L), OptionalLong.empty(), "", List.of(), true))
                        .uid())
                .isEqualTo(4294967294L);
        assertRefused(request(OptionalLong.of(4294967295L), OptionalLong.empty(), "", List.of(), true));
        assertRefused(request(OptionalLong.of(1), OptionalLong.of(-1), "", List.of(), true));
        assertRefused(request(OptionalLong.of(1), OptionalLong.of(1), "", List.of(1L << 32), true));
    }

    @ParameterizedTest
    @Tag("T15")
    @Tag("T06")
    @ValueSource(strings = {"4294967296", "+0", "0", "a\nroot:x:0:0", "app\n", "app\r", "app:", "\uFF10"})
    void takesNoNumberForAUserName(String name) {
        assertRefused(request(OptionalLong.empty(), OptionalLong.empty(), name, List.of(), true));
    }

    @Test
    void needsNoFilesForNumbers() throws IOException {
        Files.delete(root.resolve("etc/passwd"));
        Files.delete(root.resolve("etc/group"));
        assertThat(image("12").uid()).isEqualTo(12);
        assertRefused(UserRequest.ofImage("app"));
    }

    @Test
    @Tag("T17")
    void readsFilesUpToTheirLimit() throws IOException {
        var line = "x:x:1:1::/:/\n";
        var padding = "#".repeat(AccountFiles.MAX_BYTES - line.length() - 1) + "\n";
        Files.writeString(root.resolve("etc/passwd"), padding + line);
        assertThat(image("x").uid()).isEqualTo(1);
        Files.writeString(root.resolve("etc/passwd"), "#" + padding + line);
        assertRefused(UserRequest.ofImage("x"));
    }

    /** With a user by number as well as by name: neither is a reason to wait for a FIFO, or to read a device. */
    @ParameterizedTest
    @Tag("T17")
    @CsvSource({
        "mkfifo, etc/passwd",
        "mkfifo, etc/group",
        "mkdir, etc/passwd",
        "mkdir, etc/group",
        "truncate -s 8G, etc/passwd",
        "truncate -s 8G, etc/group",
        "mknod -m 666 $0 c 1 5 #, etc/passwd",
        "mknod -m 666 $0 c 1 5 #, etc/group"
    })
    void refusesFilesThatAreNotFilesAtOnce(String make, String name) throws IOException {
        var file = root.resolve(name);
        Files.delete(file);
        LayerFixture.shell(make.contains("$0") ? make.replace("$0", "\"$1\"") : make + " \"$1\"", file);
        var start = System.nanoTime();
        assertRefused(request(OptionalLong.of(12345), OptionalLong.empty(), "", List.of(), true));
        assertRefused(request(OptionalLong.empty(), OptionalLong.empty(), "app", List.of(), true));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
    @Tag("T17")
    void followsLinksWithinTheRootOnly() throws IOException {
        var outside = Files.writeString(temporary.resolve("shadow"), "secret:x:5:5::/:/\n");
        var passwd = root.resolve("etc/passwd");
        Files.delete(passwd);
        Files.createSymbolicLink(passwd, Path.of("../../shadow"));
        assertRefused(UserRequest.ofImage("secret"));
        Files.delete(passwd);
        Files.createSymbolicLink(passwd, outside);
        assertRefused(UserRequest.ofImage("secret"));
        Files.delete(passwd);
        Files.createDirectories(root.resolve("usr/etc"));
        Files.writeString(root.resolve("usr/etc/passwd"), "inside:x:6:6::/:/\n");
        Files.createSymbolicLink(passwd, Path.of("/usr/etc/passwd"));
        assertThat(image("inside").uid()).isEqualTo(6);
    }

    @Test
    @Tag("T06")
    void takesNoHomeThatWouldForgeALine() throws IOException {
        Files.writeString(root.resolve("etc/passwd"), "x:x:1:1::/home\r/x:/\ny:x:2:2::relative:/\n");
        assertThat(image("x").home()).isEqualTo("/");
        assertThat(image("y").home()).isEqualTo("/");
    }
}
