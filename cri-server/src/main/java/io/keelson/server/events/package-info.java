/**
 * What happens to pods and containers, told to whoever subscribed (CRI v1, GetContainerEvents). Start at {@link
 * io.keelson.server.events.LifeEvents}.
 */
@NullMarked
package io.keelson.server.events;

import org.jspecify.annotations.NullMarked;
