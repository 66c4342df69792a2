package io.keelson.server.stream;

/** What goes on over one connection after the upgrade. */
interface Conversation {
    /** The client is gone; any thread. */
    void ended();

    /** Ends it from our side, and tells the client why; any thread, more than once. */
    void stop(String why);
}
