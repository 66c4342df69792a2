package io.keelson.oci.monitor;

import io.keelson.host.process.ProcessIdentity;

/** A container that was created, and waits to be started: its monitor, and its first process. */
public record Monitored(ProcessIdentity monitor, ProcessIdentity init) {}
