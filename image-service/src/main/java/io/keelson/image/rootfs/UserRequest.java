package io.keelson.image.rootfs;

import java.util.List;
import java.util.OptionalLong;

/**
 * Whom a container shall run as (CRI v1, LinuxContainerSecurityContext).
 *
 * @param imageUser the image's USER, {@code user[:group]}, which counts when neither of the next two is given
 * @param runAsUsername empty if not given
 * @param supplementalGroups groups beside those of the image
 * @param mergesImageGroups SupplementalGroupsPolicy: Merge adds the groups that the image's /etc/group lists the user in,
 *     Strict does not
 */
public record UserRequest(
        String imageUser,
        OptionalLong runAsUser,
        OptionalLong runAsGroup,
        String runAsUsername,
        List<Long> supplementalGroups,
        boolean mergesImageGroups) {
    public UserRequest {
        supplementalGroups = List.copyOf(supplementalGroups);
    }

    /** As the image says. */
    public static UserRequest ofImage(String imageUser) {
        return new UserRequest(imageUser, OptionalLong.empty(), OptionalLong.empty(), "", List.of(), true);
    }
}
