package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;

/**
 * One way in that a registry offers (RFC 9110, WWW-Authenticate).
 *
 * @param scheme in lower case
 * @param parameters by name in lower case
 */
record Challenge(String scheme, Map<String, String> parameters) {
    /** Longest header value that is read. */
    static final int MAX_LENGTH = 16 * 1024;

    Challenge {
        parameters = Map.copyOf(parameters);
    }

    String parameter(String name) {
        return parameters.getOrDefault(name, "");
    }

    /** @throws Failure UNAUTHENTICATED if the header cannot be read */
    static List<Challenge> parse(String header) {
        if (header.length() > MAX_LENGTH) {
            throw malformed("longer than " + MAX_LENGTH + " characters");
        }
        return new Reader(header).challenges();
    }

    private static Failure malformed(String why) {
        return new Failure(Failure.Kind.UNAUTHENTICATED, "WWW-Authenticate: " + why);
    }

    private static final class Reader {
        private final String text;
        private int position;

        Reader(String text) {
            this.text = text;
        }

        List<Challenge> challenges() {
            var found = new ArrayList<Challenge>();
            skip(", \t");
            while (position < text.length()) {
                var scheme = token().toLowerCase(Locale.ROOT);
                found.add(new Challenge(scheme, parameters()));
                skip(", \t");
            }
            return found;
        }

        private Map<String, String> parameters() {
            var parameters = new LinkedHashMap<String, String>();
            while (true) {
                skip(", \t");
                var start = position;
                if (start == text.length()) {
                    return parameters;
                }
                var name = token().toLowerCase(Locale.ROOT);
                skip(" \t");
                if (position == text.length() || text.charAt(position) != '=') {
                    // The next challenge's scheme, or a token68 that no scheme of ours has.
                    position = start;
                    return parameters;
                }
                position++;
                if (name.isEmpty()) {
                    throw malformed("a parameter without a name");
                }
                skip(" \t");
                if (position == text.length() || text.charAt(position) == '=' || text.charAt(position) == ',') {
                    // A token68 of a scheme that is not ours.
                    skip("= \t");
                    continue;
                }
                var value = position < text.length() && text.charAt(position) == '"' ? quoted() : token();
                if (parameters.putIfAbsent(name, value) != null) {
                    throw malformed("parameter \"" + name + "\" is given twice");
                }
            }
        }

        private String quoted() {
            var value = new StringBuilder();
            for (position++; position < text.length(); position++) {
                var character = text.charAt(position);
                if (character == '"') {
                    position++;
                    return value.toString();
                }
                if (character == '\\' && position + 1 < text.length()) {
                    position++;
                }
                value.append(text.charAt(position));
            }
            throw malformed("a quote is not closed");
        }

        private String token() {
            var start = position;
            while (position < text.length() && ",= \t\"".indexOf(text.charAt(position)) < 0) {
                position++;
            }
            if (position == start && position < text.length()) {
                throw malformed("unexpected character at " + position);
            }
            return text.substring(start, position);
        }

        private void skip(String characters) {
            while (position < text.length() && characters.indexOf(text.charAt(position)) >= 0) {
                position++;
            }
        }
    }
}
