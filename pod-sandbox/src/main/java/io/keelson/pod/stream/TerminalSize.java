package io.keelson.pod.stream;

/** In characters. */
public record TerminalSize(int columns, int rows) {}
