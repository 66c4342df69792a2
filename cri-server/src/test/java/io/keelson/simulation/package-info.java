/**
 * The product's own stores and life cycle on a disk, a kernel and a registry that are simulated, killed at every step and left without power.
 * Start at {@link io.keelson.simulation.CrashStates}.
 */
package io.keelson.simulation;
