package io.keelson.oci.cdi;

import io.keelson.host.failure.Failure;
import io.keelson.oci.spec.Texts;
import java.util.regex.Pattern;

/**
 * A device's full name, {@code vendor.com/class=name} (CDI, "Kind" and "CDI Devices").
 *
 * @param kind vendor and class
 */
record CdiName(String kind, String device) {
    private static final String WORD = "[A-Za-z](?:[A-Za-z0-9_.-]*[A-Za-z0-9])?";
    private static final Pattern KIND = Pattern.compile(WORD + "/" + WORD);
    private static final Pattern DEVICE = Pattern.compile("[A-Za-z0-9](?:[A-Za-z0-9_.:-]*[A-Za-z0-9])?");

    static CdiName parse(String text) {
        var equals = text.indexOf('=');
        if (equals < 0 || !isKind(text.substring(0, equals)) || !isDevice(text.substring(equals + 1))) {
            throw Failure.invalid("not a CDI device's name, such as vendor.com/class=name: " + Texts.quoted(text));
        }
        return new CdiName(text.substring(0, equals), text.substring(equals + 1));
    }

    static boolean isKind(String text) {
        return KIND.matcher(text).matches();
    }

    static boolean isDevice(String text) {
        return DEVICE.matcher(text).matches();
    }

    @Override
    public String toString() {
        return kind + "=" + device;
    }
}
