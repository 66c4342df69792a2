/**
 * Doing several things as one: undoing what was begun, joining what was forked, sharing what is under way, and knowing
 * when time is up.
 */
@NullMarked
package io.keelson.host.lifecycle;

import org.jspecify.annotations.NullMarked;
