package io.keelson.e2e;

import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;

/** The commands of crictl that a test tries and whose output it looks at. */
@Retention(RetentionPolicy.RUNTIME)
@interface Covers {
    String[] value();
}
