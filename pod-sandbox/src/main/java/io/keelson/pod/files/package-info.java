/** The files that a pod's containers share: hostname, hosts, resolv.conf and /dev/shm. */
@NullMarked
package io.keelson.pod.files;

import org.jspecify.annotations.NullMarked;
