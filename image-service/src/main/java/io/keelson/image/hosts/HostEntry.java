package io.keelson.image.hosts;

import java.util.Optional;

/**
 * One server that may be asked for a host's images.
 *
 * @param server host and optional port; empty for the host itself
 * @param skipVerify whether its certificate is taken as it is; absent where nothing is said
 */
public record HostEntry(String server, HostAccess access, Optional<Boolean> skipVerify) {}
