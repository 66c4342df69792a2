package io.keelson.image.layer;

/** Stands in for bodies that follow in the next commits. */
@SuppressWarnings({"DoNotCallSuggester", "TypeParameterUnusedInFormals"}) // gone with the next commits
final class Unfinished {
    private Unfinished() {}

    static <T> T body() {
        throw new UnsupportedOperationException("not yet");
    }
}
