/**
 * The CRI door: protobuf types stop here. {@link io.keelson.server.rpc.RuntimeCalls}, with the parts that it names,
 * and {@link io.keelson.server.rpc.ImageCalls} are tables of contents, one line a call; beside them stand the translations, and {@link io.keelson.server.rpc.StatusMapping}, which alone
 * turns failures into gRPC status.
 */
@NullMarked
package io.keelson.server.rpc;

import org.jspecify.annotations.NullMarked;
