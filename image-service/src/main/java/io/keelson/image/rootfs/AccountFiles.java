package io.keelson.image.rootfs;

import io.keelson.host.failure.Failure;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Errno;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.Inodes;
import io.keelson.host.linux.LinuxException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;

/**
 * {@code /etc/passwd} and {@code /etc/group} of a root file system (passwd(5), group(5)), which may be anything: names are
 * resolved with the root file system as root, only regular files are opened, and no more than a mebibyte is read. Lines that
 * are not as they should be are passed over.
 */
final class AccountFiles {
    static final int MAX_BYTES = 1 << 20;

    private static final long RESOLVE = Descriptors.RESOLVE_IN_ROOT | Descriptors.RESOLVE_NO_MAGICLINKS;

    record Account(String name, long uid, long gid, String home) {}

    record Group(String name, long gid, List<String> members) {}

    private final Path root;

    AccountFiles(Path root) {
        this.root = root;
    }

    List<Account> accounts() {
        var accounts = new ArrayList<Account>();
        for (var fields : lines("etc/passwd", 6)) {
            var uid = ImageUser.number(fields.get(2));
            var gid = ImageUser.number(fields.get(3));
            if (uid.isPresent() && gid.isPresent()) {
                accounts.add(new Account(fields.get(0), uid.getAsLong(), gid.getAsLong(), fields.get(5)));
            }
        }
        return accounts;
    }

    List<Group> groups() {
        var groups = new ArrayList<Group>();
        for (var fields : lines("etc/group", 4)) {
            var gid = ImageUser.number(fields.get(2));
            if (gid.isPresent()) {
                groups.add(new Group(
                        fields.get(0), gid.getAsLong(), List.of(fields.get(3).split(","))));
            }
        }
        return groups;
    }

    private List<List<String>> lines(String name, int fields) {
        return Arrays.stream(new String(read(name), StandardCharsets.UTF_8).split("\n", -1))
                .map(line -> Arrays.asList(line.split(":", -1)))
                .filter(line -> line.size() >= fields && !line.getFirst().isEmpty())
                .toList();
    }

    private byte[] read(String name) {
        try (var directory = Descriptors.open(root, Descriptors.O_PATH | Descriptors.O_DIRECTORY, 0);
                // Only a path at first: opening a FIFO or a device would already do something.
                var file = Descriptors.openat2(directory, name, Descriptors.O_PATH, 0, RESOLVE)) {
            if (!Inodes.stat(file).isRegularFile()) {
                throw Failure.invalid("the image's /" + name + " is not a regular file");
            }
            return read(name, file);
        } catch (LinuxException e) {
            if (e.is(Errno.ENOENT) || e.is(Errno.ENOTDIR)) {
                return new byte[0];
            }
            if (e.is(Errno.ELOOP)) {
                throw new Failure(Failure.Kind.INVALID, "the image's /" + name + " leads nowhere", e);
            }
            throw e;
        }
    }

    private static byte[] read(String name, Fd file) {
        try (var in = Files.newInputStream(file.procPath())) {
            var bytes = in.readNBytes(MAX_BYTES + 1);
            if (bytes.length > MAX_BYTES) {
                throw Failure.invalid("the image's /" + name + " is larger than " + MAX_BYTES + " bytes");
            }
            return bytes;
        } catch (IOException e) {
            throw Failure.internal("cannot read the image's /" + name, e);
        }
    }
}
