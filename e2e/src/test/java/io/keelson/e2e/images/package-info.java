/** That the test images are what they say. */
@NullMarked
package io.keelson.e2e.images;

import org.jspecify.annotations.NullMarked;
