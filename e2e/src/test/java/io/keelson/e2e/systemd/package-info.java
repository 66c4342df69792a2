/** A stand-in for systemd, as far as control groups go. Start at {@link io.keelson.e2e.systemd.FakeSystemd}. */
@NullMarked
package io.keelson.e2e.systemd;

import org.jspecify.annotations.NullMarked;
