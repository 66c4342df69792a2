/**
 * What a node has around the runtime under test: the registry on loopback, the CRI client, the programs that are run, and the
 * one assertion that nothing is left. Start reading at {@link io.keelson.e2e.node.Leftovers}.
 */
@NullMarked
package io.keelson.e2e.node;

import org.jspecify.annotations.NullMarked;
