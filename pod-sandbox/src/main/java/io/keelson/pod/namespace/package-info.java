/** The kernel namespaces that the containers of a pod share, made without a process that holds them. */
@NullMarked
package io.keelson.pod.namespace;

import org.jspecify.annotations.NullMarked;
