/** Scenarios that speak to the daemon through its socket only, with the real tools. Start at {@code Node}. */
@NullMarked
package io.keelson.e2e;

import org.jspecify.annotations.NullMarked;
