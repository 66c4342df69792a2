/**
 * Containers in pods. Start at {@link io.keelson.pod.container.ContainerCreator}, and at {@link
 * io.keelson.pod.container.ContainerState} for what becomes of them.
 */
@NullMarked
package io.keelson.pod.container;

import org.jspecify.annotations.NullMarked;
