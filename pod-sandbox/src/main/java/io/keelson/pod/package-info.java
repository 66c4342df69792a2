/**
 * Pods: what they are ({@link io.keelson.pod.PodSpec}), which there are ({@link io.keelson.pod.PodCatalog}), and the verbs
 * {@link io.keelson.pod.PodStarter}, {@link io.keelson.pod.PodStopper} and {@link io.keelson.pod.PodRemover}. Knows nothing of
 * the containers in them, but that there may be some.
 */
@NullMarked
package io.keelson.pod;

import org.jspecify.annotations.NullMarked;
