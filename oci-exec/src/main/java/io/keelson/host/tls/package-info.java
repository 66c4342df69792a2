/** Keys and certificates in the forms in which tools write them. Start at {@link io.keelson.host.tls.PrivateKeyPem}. */
@NullMarked
package io.keelson.host.tls;

import org.jspecify.annotations.NullMarked;
