package io.keelson.image.rootfs;

import io.keelson.host.failure.Failure;
import io.keelson.image.rootfs.AccountFiles.Account;
import io.keelson.image.rootfs.AccountFiles.Group;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;

/** Finds users and groups in a root file system's own {@code /etc/passwd} and {@code /etc/group}. */
public final class RootUsers {
    private static final String NO_HOME = "/";

    /** A user before its groups are known. */
    private record Identity(OptionalLong uid, String name) {}

    /**
     * Who the request means. A uid without an account is allowed, a name without one is not.
     *
     * @param root the mounted root file system, whose contents are not trusted
     * @throws Failure INVALID if there is no such user or group, if the request is neither name nor number, or if the image's
     *     files are not such files
     */
    public ResolvedUser resolve(Path root, UserRequest request) {
        var files = new AccountFiles(root);
        var image = request.runAsUser().isEmpty() && request.runAsUsername().isEmpty()
                ? ImageUser.parse(request.imageUser())
                : new ImageUser("", "");
        var identity = identity(request, image);
        var account = account(files.accounts(), identity);
        var groups = files.groups();
        var uid = identity.uid().orElseGet(() -> account.orElseThrow().uid());
        var gid = gid(request, image, account, groups);
        var name = account.map(Account::name).orElse("");
        return new ResolvedUser(uid, gid, supplementary(request, name, gid, groups), name, home(account));
    }

    private static Identity identity(UserRequest request, ImageUser image) {
        if (request.runAsUser().isPresent()) {
            return new Identity(OptionalLong.of(inRange(request.runAsUser().getAsLong(), "user")), "");
        }
        if (!request.runAsUsername().isEmpty()) {
            if (!ImageUser.isName(request.runAsUsername())) {
                throw Failure.invalid("\"" + ImageUser.printable(request.runAsUsername()) + "\" is not a user name");
            }
            return new Identity(OptionalLong.empty(), request.runAsUsername());
        }
        return new Identity(image.uid(), image.username());
    }

    private static long inRange(long id, String what) {
        if (id < 0 || id > ImageUser.MAX_ID) {
            throw Failure.invalid(what + " " + id + " is not from 0 to " + ImageUser.MAX_ID);
        }
        return id;
    }

    private static Optional<Account> account(List<Account> accounts, Identity identity) {
        if (identity.uid().isPresent()) {
            var uid = identity.uid().getAsLong();
            return accounts.stream().filter(account -> account.uid() == uid).findFirst();
        }
        var found = accounts.stream()
                .filter(account -> account.name().equals(identity.name()))
                .findFirst();
        if (found.isEmpty()) {
            throw Failure.invalid("the image has no user \"" + identity.name() + "\"");
        }
        return found;
    }

    private static long gid(UserRequest request, ImageUser image, Optional<Account> account, List<Group> groups) {
        if (request.runAsGroup().isPresent()) {
            if (request.runAsUser().isEmpty() && request.runAsUsername().isEmpty()) {
                // CRI v1, LinuxContainerSecurityContext: a group alone would be given to whomever the image names.
                throw Failure.invalid("a group to run as is given, and no user");
            }
            return inRange(request.runAsGroup().getAsLong(), "group");
        }
        if (image.group().isEmpty()) {
            return account.map(Account::gid).orElse(0L);
        }
        return ImageUser.number(image.group())
                .orElseGet(() -> groups.stream()
                        .filter(group -> group.name().equals(image.group()))
                        .findFirst()
                        .orElseThrow(() -> Failure.invalid("the image has no group \"" + image.group() + "\""))
                        .gid());
    }

    private static List<Long> supplementary(UserRequest request, String name, long gid, List<Group> groups) {
        var ids = new LinkedHashSet<Long>();
        // A process that lacks its own primary group among them could shed it, and with it what the group is denied.
        ids.add(gid);
        request.supplementalGroups().forEach(id -> ids.add(inRange(id, "supplemental group")));
        if (request.mergesImageGroups() && !name.isEmpty()) {
            groups.stream().filter(group -> group.members().contains(name)).forEach(group -> ids.add(group.gid()));
        }
        return List.copyOf(ids);
    }

    private static String home(Optional<Account> account) {
        var home = account.map(Account::home).orElse("");
        return home.startsWith("/") && home.chars().noneMatch(Character::isISOControl) ? home : NO_HOME;
    }
}
