/** What containers use. Start at {@link io.keelson.pod.stats.ContainerUsage}. */
@NullMarked
package io.keelson.pod.stats;

import org.jspecify.annotations.NullMarked;
