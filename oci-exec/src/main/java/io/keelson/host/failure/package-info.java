/** What can go wrong, as kinds that a caller can act on. Start at {@link io.keelson.host.failure.Failure}. */
@NullMarked
package io.keelson.host.failure;

import org.jspecify.annotations.NullMarked;
