package io.keelson.pod.network;

/** What a plugin can be asked to do (CNI 1.1, section 2): the value of CNI_COMMAND. */
enum CniVerb {
    ADD,
    DEL,
    CHECK,
    GC,
    STATUS,
    VERSION
}
