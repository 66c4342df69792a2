package io.keelson.oci.lsm;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.Texts;
import java.util.regex.Pattern;

/** An SELinux label, {@code user:role:type:level}. */
public record SelinuxContext(String user, String role, String type, String level) {
    private static final Pattern WORD = Pattern.compile("[A-Za-z0-9_.-]+");
    private static final Pattern LEVEL = Pattern.compile("[A-Za-z0-9_.,:-]+");
    private static final String PROCESS_TYPE = "container_t";
    private static final String PRIVILEGED_TYPE = "spc_t";

    /** @throws Failure INVALID for what cannot be part of a label */
    public SelinuxContext {
        require(WORD, "user", user);
        require(WORD, "role", role);
        require(WORD, "type", type);
        require(LEVEL, "level", level);
    }

    private static void require(Pattern form, String part, String text) {
        if (!form.matcher(text).matches()) {
            throw Failure.invalid("an SELinux label cannot have the " + part + " " + Texts.quoted(text));
        }
    }

    /** A process's label; what is empty is as container policies name it. */
    public static SelinuxContext ofProcess(String user, String role, String type, String level, boolean privileged) {
        return new SelinuxContext(
                or(user, "system_u"),
                or(role, "system_r"),
                or(type, privileged ? PRIVILEGED_TYPE : PROCESS_TYPE),
                or(level, "s0"));
    }

    private static String or(String text, String otherwise) {
        return text.isEmpty() ? otherwise : text;
    }

    /** Of the files that this process may use: the same level, without which two containers would share them. */
    public SelinuxContext ofFiles() {
        return new SelinuxContext(user, "object_r", "container_file_t", level);
    }

    @Override
    public String toString() {
        return user + ":" + role + ":" + type + ":" + level;
    }
}
