/** JSON as a tree, from JSON or YAML, read strictly and within limits. Start at {@link io.keelson.host.json.Json}. */
@NullMarked
package io.keelson.host.json;

import org.jspecify.annotations.NullMarked;
