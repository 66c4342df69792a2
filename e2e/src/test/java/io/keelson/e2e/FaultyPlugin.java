package io.keelson.e2e;

import io.keelson.e2e.node.CriDaemon;
import io.keelson.e2e.node.NodePlace;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Locale;

/** A CNI plugin after the bridge plugin in a node's network, whose ADD does as it is told. Its DEL succeeds in the end. */
final class FaultyPlugin {
    /** What its ADD does. */
    enum Mode {
        /** Passes on what it was given. */
        WORK,
        /** An error by the specification, with a message. */
        FAIL,
        /** As FAIL, and DEL fails as well. */
        FAIL_BOTH,
        /** Success, and an answer that is none. */
        BABBLE,
        /** Never answers. */
        HANG,
        /** As WORK, once the mode is another. */
        WAIT,
        /** As FAIL, once the mode is another. */
        WAIT_AND_FAIL,
        /** As WORK; DEL waits until the mode is another. */
        WAIT_TO_DELETE
    }

    private final Path mode;
    private final Path called;
    private final Path deleted;

    private FaultyPlugin(NodePlace place) {
        mode = place.directory().resolve("plugin-mode");
        called = place.directory().resolve("plugin-called");
        deleted = place.directory().resolve("plugin-deleted");
    }

    /** Puts it into the node's network; it works, to begin with. */
    static FaultyPlugin install(NodePlace place) throws IOException {
        var plugin = new FaultyPlugin(place);
        plugin.set(Mode.WORK);
        Files.deleteIfExists(plugin.called);
        Files.createDirectories(place.plugins());
        var program = place.plugins().resolve("faulty");
        Files.writeString(program, """
                #!/usr/bin/python3
                import json, os, sys, time
                request = json.load(sys.stdin)
                mode = open('%1$s').read()
                def wait():
                    while open('%1$s').read() in ('', mode):
                        time.sleep(0.02)
                with open('%2$s', 'a') as calls:
                    calls.write(os.environ['CNI_COMMAND'] + '\\n')
                if os.environ['CNI_COMMAND'] == 'DEL':
                    with open('%3$s', 'a') as results:
                        results.write(json.dumps(request.get('prevResult')) + '\\n')
                if os.environ['CNI_COMMAND'] != 'ADD':
                    if mode == 'wait_to_delete':
                        wait()
                    if mode != 'fail_both':
                        sys.exit(0)
                if mode.startswith('wait') and mode != 'wait_to_delete':
                    wait()
                    mode = 'fail' if mode == 'wait_and_fail' else 'work'
                if mode == 'work' or mode == 'wait_to_delete':
                    print(json.dumps(request['prevResult']))
                elif mode in ('fail', 'fail_both'):
                    print(json.dumps({'cniVersion': '1.0.0', 'code': 100, 'msg': 'no address for you'}))
                    sys.exit(1)
                elif mode == 'babble':
                    print('blah blah')
                else:
                    time.sleep(1000)
                """.formatted(plugin.mode, plugin.called, plugin.deleted));
        Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
        CriDaemon.writeNetwork(place, ", { \"type\": \"faulty\" }");
        return plugin;
    }

    void set(Mode wanted) throws IOException {
        Files.writeString(mode, wanted.name().toLowerCase(Locale.ROOT));
    }

    /** The earlier results that its DELs were given, a line each. */
    String deleted() throws IOException {
        return Files.readString(deleted);
    }

    /** Whether ADD was called since it was put in. */
    boolean isCalled() {
        return calls("ADD") > 0;
    }

    /** How often it was called to do this since it was put in. */
    long calls(String verb) {
        try {
            return Files.exists(called)
                    ? Files.readAllLines(called).stream().filter(verb::equals).count()
                    : 0;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
