/**
 * How events become lines for the journal. Start at {@link io.keelson.server.log.LoggingConfigurator}, which logback finds by
 * itself.
 */
@NullMarked
package io.keelson.server.log;

import org.jspecify.annotations.NullMarked;
