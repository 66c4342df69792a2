package io.keelson.image.rootfs;

import io.keelson.host.failure.Failure;
import java.util.OptionalLong;

/**
 * An image's USER, {@code user[:group]}, taken apart. A number is exactly a number: decimal digits without a sign or a leading
 * zero, from 0 to 2³¹−1, which is as far as Kubernetes counts ids. What looks like one and is not (too large, {@code +0}, digits of other scripts) is refused and never
 * taken for a name, since an image can give any name the uid 0 (CVE-2024-40635, CVE-2026-46680).
 *
 * @param user empty if USER is empty
 * @param group empty if USER names none
 */
public record ImageUser(String user, String group) {
    /** The highest id but one; the highest means "unchanged" in system calls. */
    static final long MAX_ID = 0xFFFF_FFFEL;

    /** In an image's USER: programs that hold ids as signed numbers take a higher one for negative, or for 0. */
    private static final long MAX_IMAGE_ID = Integer.MAX_VALUE;

    private static final int MAX_NAME_CHARS = 256;

    /** @throws Failure INVALID unless each part is a number or a name as above */
    public static ImageUser parse(String text) {
        var colon = text.indexOf(':');
        var user = colon < 0 ? text : text.substring(0, colon);
        var group = colon < 0 ? "" : text.substring(colon + 1);
        var parsed = new ImageUser(user, group);
        if (!isNumberOrName(user) || !isNumberOrName(group)) {
            throw Failure.invalid("image's user \"" + printable(text)
                    + "\" is not user[:group], each a name or a number up to " + MAX_IMAGE_ID);
        }
        return parsed;
    }

    /** The uid, if the user is given as a number; 0 if it is not given. */
    public OptionalLong uid() {
        return user.isEmpty() ? OptionalLong.of(0) : number(user);
    }

    /** The name, or empty. */
    public String username() {
        return number(user).isPresent() ? "" : user;
    }

    private static boolean isNumberOrName(String part) {
        return part.isEmpty() || number(part).stream().anyMatch(id -> id <= MAX_IMAGE_ID) || isName(part);
    }

    /** Begins with an ASCII letter or an underscore, so that no number in disguise is one. */
    static boolean isName(String part) {
        if (part.isEmpty() || part.length() > MAX_NAME_CHARS) {
            return false;
        }
        var first = part.charAt(0);
        return ((first >= 'a' && first <= 'z') || (first >= 'A' && first <= 'Z') || first == '_')
                && part.chars().allMatch(character -> character > ' ' && character != ':' && character != 0x7F);
    }

    /** The number that the text is, if it is one in range and in its only spelling. */
    static OptionalLong number(String text) {
        if (text.isEmpty()
                || text.length() > 10
                || (text.length() > 1 && text.charAt(0) == '0')
                || !text.chars().allMatch(digit -> digit >= '0' && digit <= '9')) {
            return OptionalLong.empty();
        }
        var value = Long.parseLong(text);
        return value <= MAX_ID ? OptionalLong.of(value) : OptionalLong.empty();
    }

    static String printable(String text) {
        var cut = text.length() <= 80 ? text : text.substring(0, 80) + "…";
        return cut.replaceAll("\\p{Cntrl}", "?");
    }
}
