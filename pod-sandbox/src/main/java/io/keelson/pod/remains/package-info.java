/** What is left on a node of pods, containers and layers that are gone. Start at {@link io.keelson.pod.remains.Remains}. */
@NullMarked
package io.keelson.pod.remains;

import org.jspecify.annotations.NullMarked;
