/** How fast a CRI runtime is, seen from its socket. Start at {@link io.keelson.e2e.bench.BenchCommand}. */
@NullMarked
package io.keelson.e2e.bench;

import org.jspecify.annotations.NullMarked;
