package io.keelson.image.registry;

import io.keelson.host.failure.Failure;
import java.nio.charset.StandardCharsets;
import java.util.Base64;

/**
 * Who asks a registry (CRI v1, AuthConfig). They are sent to one registry only and never written anywhere; {@link #toString}
 * hides them.
 *
 * @param username empty if not given, as all others
 * @param identityToken a refresh token, exchanged at the registry's token server
 * @param registryToken a bearer token, sent as it is
 * @param serverAddress the registry that they are for; empty for the one in the image's reference
 */
public record Credentials(
        String username, String password, String identityToken, String registryToken, String serverAddress) {
    /** Nobody in particular. */
    public static final Credentials NONE = new Credentials("", "", "", "", "");

    /**
     * From the fields of an AuthConfig.
     *
     * @param auth base64 of {@code username:password}; counts where username and password are empty
     * @throws Failure INVALID if {@code auth} is something else
     */
    public static Credentials of(
            String username,
            String password,
            String auth,
            String identityToken,
            String registryToken,
            String serverAddress) {
        if (!auth.isEmpty() && username.isEmpty() && password.isEmpty()) {
            var pair = decoded(auth);
            var colon = pair.indexOf(':');
            if (colon < 0) {
                throw Failure.invalid("registry credentials: auth is not base64 of username:password");
            }
            return new Credentials(
                    pair.substring(0, colon),
                    trimmedNulls(pair.substring(colon + 1)),
                    identityToken,
                    registryToken,
                    serverAddress);
        }
        return new Credentials(username, password, identityToken, registryToken, serverAddress);
    }

    public static Credentials basic(String username, String password) {
        return new Credentials(username, password, "", "", "");
    }

    private static String decoded(String auth) {
        try {
            return new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
        } catch (IllegalArgumentException e) {
            // The cause is left out: it quotes what was decoded.
            throw Failure.invalid("registry credentials: auth is not base64");
        }
    }

    /** Docker pads what it encodes with NUL. */
    private static String trimmedNulls(String password) {
        var end = password.length();
        while (end > 0 && password.charAt(end - 1) == 0) {
            end--;
        }
        return password.substring(0, end);
    }

    boolean hasPassword() {
        return !username.isEmpty() || !password.isEmpty();
    }

    boolean isEmpty() {
        return !hasPassword() && identityToken.isEmpty() && registryToken.isEmpty();
    }

    /** The value of an Authorization header (RFC 7617). */
    String basicHeader() {
        return "Basic "
                + Base64.getEncoder().encodeToString((username + ":" + password).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
        return isEmpty() ? "no credentials" : "credentials (hidden)";
    }
}
