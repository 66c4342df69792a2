/**
 * Devices by the Container Device Interface: from names to what their vendors want changed in a container. Start at
 * {@link io.keelson.oci.cdi.CdiDevices}.
 */
@NullMarked
package io.keelson.oci.cdi;

import org.jspecify.annotations.NullMarked;
