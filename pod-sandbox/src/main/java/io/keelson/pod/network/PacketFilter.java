package io.keelson.pod.network;

/** The packet filter of the network namespace that the calling thread is in. */
@FunctionalInterface
interface PacketFilter {
    /**
     * Runs nft(8) commands as one transaction.
     *
     * @throws io.keelson.host.failure.Failure UNAVAILABLE with the reason; then nothing was changed
     */
    void run(String commands);
}
