package io.keelson.oci.spec;

/** Foreign text in messages. */
final class Texts {
    private Texts() {}

    /** In quotes, with control characters as escapes. */
    static String quoted(String text) {
        var result = new StringBuilder("\"");
        text.chars().forEach(c -> {
            if (Character.isISOControl(c)) {
                result.append(String.format("\\u%04x", c));
            } else {
                result.append((char) c);
            }
        });
        return result.append('"').toString();
    }
}
