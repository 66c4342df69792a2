/** {@code keelson doctor}: what of a node is as it should be, and what to do about the rest. Start at {@link io.keelson.server.doctor.Doctor}. */
@NullMarked
package io.keelson.server.doctor;

import org.jspecify.annotations.NullMarked;
