/**
 * Traces of calls and of what they take, for a collector of OpenTelemetry: start reading at {@link Tracing}. Only what is reached through
 * {@code TracingParts} knows OpenTelemetry; where nothing is traced, none of it is loaded.
 */
@NullMarked
package io.keelson.server.tracing;

import org.jspecify.annotations.NullMarked;
