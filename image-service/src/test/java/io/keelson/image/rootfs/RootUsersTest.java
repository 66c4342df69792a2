package io.keelson.image.rootfs;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.image.layer.LayerFixture;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.OptionalLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
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
    void findsANameWithItsGroups() {
        assertThat(image("app")).isEqualTo(new ResolvedUser(1000, 1001, List.of(1001L, 10L, 29L), "app", "/srv/app"));
    }

    @Test
    void takesTheGroupThatTheImageNames() {
        assertThat(image("app:wheel").gid()).isEqualTo(10);
        assertThat(image("app:77").gid()).isEqualTo(77);
        assertThat(image("5:6")).isEqualTo(new ResolvedUser(5, 6, List.of(6L), "", "/"));
    }

    @Test
    void prefersTheRequestToTheImage() {
        var resolved = users.resolve(root, request(OptionalLong.of(7), OptionalLong.of(8), "", List.of(9L, 8L), true));
        assertThat(resolved).isEqualTo(new ResolvedUser(7, 8, List.of(8L, 9L), "", "/"));
        assertThat(users.resolve(root, request(OptionalLong.empty(), OptionalLong.empty(), "root", List.of(), true))
                        .uid())
                .isZero();
    }

    @Test
    void addsNoGroupsOfTheImageWhereThePolicyIsStrict() {
        var resolved =
                users.resolve(root, request(OptionalLong.of(1000), OptionalLong.empty(), "", List.of(5L), false));
        assertThat(resolved.supplementary()).containsExactly(1001L, 5L);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "4294967296",
                "4294967296:0",
                "4294967295",
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
                "root\0",
                "."
            })
    void refusesWhatIsNeitherANumberNorAKnownName(String user) {
        assertRefused(UserRequest.ofImage(user));
    }

    @Test
    void takesNumbersUpToTheirLimit() {
        assertThat(image("2147483648").uid()).isEqualTo(2147483648L);
        assertThat(image("4294967294").uid()).isEqualTo(4294967294L);
        assertRefused(UserRequest.ofImage("4294967295"));
        assertRefused(request(OptionalLong.of(4294967295L), OptionalLong.empty(), "", List.of(), true));
        assertRefused(request(OptionalLong.of(1), OptionalLong.of(-1), "", List.of(), true));
        assertRefused(request(OptionalLong.of(1), OptionalLong.of(1), "", List.of(1L << 32), true));
    }

    @ParameterizedTest
    @ValueSource(strings = {"4294967296", "+0", "0", "a\nroot:x:0:0"})
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
    void readsFilesUpToTheirLimit() throws IOException {
        var line = "x:x:1:1::/:/\n";
        var padding = "#".repeat(AccountFiles.MAX_BYTES - line.length() - 1) + "\n";
        Files.writeString(root.resolve("etc/passwd"), padding + line);
        assertThat(image("x").uid()).isEqualTo(1);
        Files.writeString(root.resolve("etc/passwd"), "#" + padding + line);
        assertRefused(UserRequest.ofImage("x"));
    }

    @Test
    void refusesFilesThatAreNotFiles() throws IOException {
        var passwd = root.resolve("etc/passwd");
        Files.delete(passwd);
        LayerFixture.shell("mkfifo \"$1\"", passwd);
        assertRefused(UserRequest.ofImage("1"));
        Files.delete(passwd);
        Files.createDirectory(passwd);
        assertRefused(UserRequest.ofImage("1"));
        Files.delete(passwd);
        try (var sparse = new RandomAccessFile(passwd.toFile(), "rw")) {
            sparse.setLength(8L << 30);
        }
        var start = System.nanoTime();
        assertRefused(UserRequest.ofImage("1"));
        assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(2));
    }

    @Test
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
    void takesNoHomeThatWouldForgeALine() throws IOException {
        Files.writeString(root.resolve("etc/passwd"), "x:x:1:1::/home\r/x:/\ny:x:2:2::relative:/\n");
        assertThat(image("x").home()).isEqualTo("/");
        assertThat(image("y").home()).isEqualTo("/");
    }
}
