package io.keelson.host.process;

/** Somebody's share of the memory that the outputs of all programs have together. */
public interface OutputShare {
    /** For programs that print little, or are trusted with their limits. */
    OutputShare UNLIMITED = _ -> true;

    /** Makes it larger, if there is so much left. */
    boolean grow(int bytes);
}
