/**
 * A pod's network: the node's CNI configuration run for it (CNI 1.1), and its host ports, which Keelson publishes itself
 * through nftables. Start at {@link io.keelson.pod.network.PodNetwork}, then {@link io.keelson.pod.network.CniPodNetwork}.
 */
@NullMarked
package io.keelson.pod.network;

import org.jspecify.annotations.NullMarked;
