/** Talking with what runs in pods. Start at {@link io.keelson.pod.stream.StreamSession}. */
@NullMarked
package io.keelson.pod.stream;

import org.jspecify.annotations.NullMarked;
