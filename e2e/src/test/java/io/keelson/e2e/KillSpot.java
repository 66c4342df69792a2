package io.keelson.e2e;

/**
 * A line of the daemon: a method of its own, before it begins or when it returns.
 *
 * @param type the class's name
 * @param under a method that must have called it, as {@code PodStarter.make}; empty for any
 * @param time which passing of it counts, from 1
 */
record KillSpot(String type, String method, boolean isBefore, String under, int time) {
    private static final String SEPARATOR = ";";

    static KillSpot before(String type, String method) {
        return new KillSpot(type, method, true, "", 1);
    }

    static KillSpot after(String type, String method) {
        return new KillSpot(type, method, false, "", 1);
    }

    KillSpot under(String caller) {
        return new KillSpot(type, method, isBefore, caller, time);
    }

    KillSpot time(int number) {
        return new KillSpot(type, method, isBefore, under, number);
    }

    /** Whether the method is the one it must be called from. */
    boolean isUnder(String className, String methodName) {
        return under.equals(className.substring(className.lastIndexOf('.') + 1) + "." + methodName);
    }

    /** As an agent's options. */
    String text() {
        return String.join(SEPARATOR, type, method, Boolean.toString(isBefore), under, Integer.toString(time));
    }

    static KillSpot parse(String text) {
        var words = text.split(SEPARATOR, -1);
        return new KillSpot(words[0], words[1], Boolean.parseBoolean(words[2]), words[3], Integer.parseInt(words[4]));
    }
}
