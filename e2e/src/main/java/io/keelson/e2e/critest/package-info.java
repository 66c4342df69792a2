/** critest as a judge: how it is run, and what it says. Start reading at {@link io.keelson.e2e.critest.Critest}. */
@NullMarked
package io.keelson.e2e.critest;

import org.jspecify.annotations.NullMarked;
