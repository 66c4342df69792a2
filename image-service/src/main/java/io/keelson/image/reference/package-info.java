/** What images and their parts are called: references and digests, parsed at the border. */
@NullMarked
package io.keelson.image.reference;

import org.jspecify.annotations.NullMarked;
