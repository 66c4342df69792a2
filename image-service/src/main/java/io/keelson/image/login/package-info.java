/**
 * Credentials that the node itself has for registries: Docker's {@code config.json}, {@code auth.json}, and programs that know them.
 * Start at {@link io.keelson.image.login.AuthFiles}.
 */
@NullMarked
package io.keelson.image.login;

import org.jspecify.annotations.NullMarked;
