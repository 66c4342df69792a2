/** The command line. Start at {@link io.keelson.server.cli.Program}. */
@NullMarked
package io.keelson.server.cli;

import org.jspecify.annotations.NullMarked;
