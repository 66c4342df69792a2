/** Records: what we wrote to disk about ourselves, and whether it is still what we wrote. Start at {@link io.keelson.host.record.RecordFormat}. */
@NullMarked
package io.keelson.host.record;

import org.jspecify.annotations.NullMarked;
