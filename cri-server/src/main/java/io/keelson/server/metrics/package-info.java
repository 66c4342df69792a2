/** What this daemon does, for Prometheus: start reading at {@link DaemonMetrics}. */
@NullMarked
package io.keelson.server.metrics;

import org.jspecify.annotations.NullMarked;
