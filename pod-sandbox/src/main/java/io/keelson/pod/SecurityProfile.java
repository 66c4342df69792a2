package io.keelson.pod;

/**
 * Which seccomp or AppArmor profile applies (CRI v1, SecurityProfile).
 *
 * @param localhostRef for {@link Kind#LOCALHOST}: seccomp an absolute path on the host, AppArmor the name of a loaded profile;
 *     for the others empty
 */
public record SecurityProfile(Kind kind, String localhostRef) {
    /** Where the profile comes from. */
    public enum Kind {
        RUNTIME_DEFAULT,
        UNCONFINED,
        LOCALHOST
    }
}
