/**
 * What an operator may set. Start at {@link io.keelson.server.config.Configuration}; each setting is spelled once, in the record of
 * its table, from which the reader, the sample file and {@code keelson config} take name, default and explanation.
 */
@NullMarked
package io.keelson.server.config;

import org.jspecify.annotations.NullMarked;
