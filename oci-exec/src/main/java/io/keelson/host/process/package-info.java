/**
 * Child processes: started with just the descriptors they need, bounded in time and output, and never confused with another.
 * The only package that starts programs. Start at {@link io.keelson.host.process.Processes}.
 */
@NullMarked
package io.keelson.host.process;

import org.jspecify.annotations.NullMarked;
