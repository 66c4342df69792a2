/**
 * What comes from outside, mutated: each target is a class {@code …Fuzz} beside what it tries, with seeds and with the method that
 * Jazzer calls. {@link io.keelson.image.fuzz.FuzzTest} runs all of them briefly, {@code e2e/fuzz} one of them for long.
 */
@NullMarked
package io.keelson.image.fuzz;

import org.jspecify.annotations.NullMarked;
