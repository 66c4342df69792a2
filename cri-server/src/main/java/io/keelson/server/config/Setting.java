package io.keelson.server.config;

import java.lang.annotation.ElementType;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;

/** A setting or table: its key is the component's name in snake_case. */
@Retention(RetentionPolicy.RUNTIME)
@Target(ElementType.RECORD_COMPONENT)
@interface Setting {
    /** What it does, for the sample file and the manual. */
    String help();

    /** What it is if nobody sets it, as it would be written, without quotes; one item for each of a list. */
    String[] value() default {};
}
