package io.keelson.image.registry;

/** Where credentials are looked up that a request does not bring. */
@FunctionalInterface
public interface CredentialSource {
    CredentialSource NOTHING = (host, repository) -> Credentials.NONE;

    /**
     * Asked when a registry wants to know who we are, and not before.
     *
     * @param host with port where there is one
     * @return {@link Credentials#NONE} if there are none for it
     * @throws io.keelson.host.failure.Failure if the place to look at cannot be used
     */
    Credentials find(String host, String repository);
}
