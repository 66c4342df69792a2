/** {@code keelson explain}: what happened to pods and containers, and why (decision 0037). Start at {@link ExplainCommand}. */
@NullMarked
package io.keelson.server.explain;

import org.jspecify.annotations.NullMarked;
