/** What is kept of pods and containers that were removed: start at {@link io.keelson.pod.history.History}. */
@NullMarked
package io.keelson.pod.history;

import org.jspecify.annotations.NullMarked;
