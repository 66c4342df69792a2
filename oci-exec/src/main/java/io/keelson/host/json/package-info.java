/** JSON as a tree, read strictly and within limits. Start at {@link io.keelson.host.json.Json}. */
@NullMarked
package io.keelson.host.json;

import org.jspecify.annotations.NullMarked;
