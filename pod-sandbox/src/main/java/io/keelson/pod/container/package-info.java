/**
 * Containers in pods: what is asked for, and what is known of them. Start at
 * {@link io.keelson.pod.container.ContainerConfig} and {@link io.keelson.pod.container.ContainerState}.
 */
@NullMarked
package io.keelson.pod.container;

import org.jspecify.annotations.NullMarked;
