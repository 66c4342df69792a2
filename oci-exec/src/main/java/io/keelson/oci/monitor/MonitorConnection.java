package io.keelson.oci.monitor;

import io.keelson.host.linux.DescriptorInput;
import io.keelson.host.linux.DescriptorOutput;
import io.keelson.host.linux.Descriptors;
import io.keelson.host.linux.Fd;
import io.keelson.host.linux.LinuxException;
import io.keelson.host.linux.PacketSocket;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Path;

/**
 * Somebody attached to a container, through its monitor. conmon sends packets whose first byte says which stream the rest is of; what
 * it is sent is the container's input. Nobody may use its streams any more once it is closed.
 */
public final class MonitorConnection implements AutoCloseable {
    private static final String SOCKET = "attach";
    private static final int STDERR = 3;
    /** conmon's packets are of 8 KiB. */
    private static final int PACKET_BYTES = 32 << 10;

    private final Fd socket;
    private final Fd copy;
    private final Input input;

    private MonitorConnection(Fd socket, Fd copy) {
        this.socket = socket;
        this.copy = copy;
        this.input = new Input(copy);
    }

    /** @throws LinuxException ENOENT or ECONNREFUSED if the monitor is gone */
    public static MonitorConnection open(Path bundle) {
        var socket = PacketSocket.connect(bundle, SOCKET);
        try {
            return new MonitorConnection(socket, Descriptors.dup(socket));
        } catch (LinuxException e) {
            socket.close();
            throw e;
        }
    }

    /** The container's input. Closing it is its end, if the container was made for one input only (CRI v1, stdin_once). */
    public OutputStream stdin() {
        return input;
    }

    /**
     * Passes on what the container says, until it has ended.
     *
     * @throws IOException if that cannot be written there
     * @throws io.keelson.host.failure.Failure CANCELLED when interrupted
     */
    public void receive(OutputStream stdout, OutputStream stderr) throws IOException {
        var packets = new DescriptorInput(socket);
        var packet = new byte[PACKET_BYTES];
        // A read never goes beyond the end of a packet (unix(7)).
        for (var count = packets.read(packet); count > 0; count = packets.read(packet)) {
            var stream = packet[0] == STDERR ? stderr : stdout;
            stream.write(packet, 1, count - 1);
            stream.flush();
        }
    }

    @Override
    public void close() {
        socket.close();
        copy.close();
    }

    private static final class Input extends OutputStream {
        private final Fd socket;
        private final DescriptorOutput output;

        Input(Fd socket) {
            this.socket = socket;
            this.output = new DescriptorOutput(socket);
        }

        @Override
        public void write(int octet) throws IOException {
            output.write(octet);
        }

        @Override
        public void write(byte[] bytes, int offset, int length) throws IOException {
            output.write(bytes, offset, length);
        }

        @Override
        public void close() throws IOException {
            try {
                PacketSocket.endOutput(socket);
            } catch (LinuxException e) {
                throw new IOException(e.getMessage(), e);
            }
        }
    }
}
