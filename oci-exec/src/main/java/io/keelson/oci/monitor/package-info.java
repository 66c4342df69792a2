/**
 * The process that watches over one container (conmon): it holds the container's streams, writes its log, and records its end
 * whether or not the daemon runs. Start at {@link io.keelson.oci.monitor.MonitorLauncher}.
 */
@NullMarked
package io.keelson.oci.monitor;

import org.jspecify.annotations.NullMarked;
