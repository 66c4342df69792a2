/** That the benchmark counts and reports rightly. */
@NullMarked
package io.keelson.e2e.bench;

import org.jspecify.annotations.NullMarked;
