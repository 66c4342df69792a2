/**
 * Pods: what is asked for, and what is known of them. Knows nothing of gRPC. Start at {@link io.keelson.pod.PodSpec} and
 * {@link io.keelson.pod.PodCatalog}.
 */
@NullMarked
package io.keelson.pod;

import org.jspecify.annotations.NullMarked;
