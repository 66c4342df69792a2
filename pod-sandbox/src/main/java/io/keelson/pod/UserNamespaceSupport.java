package io.keelson.pod;

import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Optional;
import java.util.function.Function;

/** Whether pods can have user namespaces of their own on this node, and the passages to their root file systems. */
public final class UserNamespaceSupport {
    private static final Path KERNEL = Path.of("/proc/sys/user/max_user_namespaces");

    private final Path root;
    private final Passages passages;
    private final Function<String, Optional<String>> runtimeTrouble;

    /**
     * @param root where containers lie, at some depth
     * @param runtimeTrouble why the runtime that a pod means by a handler's name cannot; absent if it can
     */
    public UserNamespaceSupport(Path root, Passages passages, Function<String, Optional<String>> runtimeTrouble) {
        this.root = root;
        this.passages = passages;
        this.runtimeTrouble = runtimeTrouble;
    }

    /** Why pods of the handler cannot have one; absent if they can. */
    public Optional<String> trouble(String handler) {
        return runtimeTrouble
                .apply(handler)
                .or(UserNamespaceSupport::kernelTrouble)
                .or(this::directoryTrouble)
                .or(passages::trouble);
    }

    /** @throws Failure INVALID if pods of the handler cannot have one */
    void require(String handler) {
        trouble(handler).ifPresent(why -> {
            throw Failure.invalid("the pod cannot have a user namespace of its own: " + why);
        });
    }

    Passages passages() {
        return passages;
    }

    private static Optional<String> kernelTrouble() {
        try {
            return Files.readString(KERNEL).strip().equals("0")
                    ? Optional.of("the node allows no user namespaces (" + KERNEL + " is 0)")
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.of("the kernel has no user namespaces (there is no " + KERNEL + ")");
        }
    }

    /** Our own directories we open a passage through; those above them are not ours to open. */
    private Optional<String> directoryTrouble() {
        for (var above = root.toAbsolutePath().getParent(); above != null; above = above.getParent()) {
            try {
                var permissions = Files.getPosixFilePermissions(above, LinkOption.NOFOLLOW_LINKS);
                if (!permissions.contains(PosixFilePermission.OTHERS_EXECUTE)) {
                    return Optional.of(above + " is closed to other users, and containers lie below it");
                }
            } catch (IOException e) {
                return Optional.of("the directory " + above + " cannot be looked at: " + e.getMessage());
            }
        }
        return Optional.empty();
    }
}
