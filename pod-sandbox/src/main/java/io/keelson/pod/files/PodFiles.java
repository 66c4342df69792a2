package io.keelson.pod.files;

import io.keelson.host.disk.DurableFiles;
import io.keelson.host.failure.Failure;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;

/**
 * The text files that a pod's containers see in {@code /etc}. They are made anew with each pod and end with it, so they need not
 * survive a power failure.
 *
 * @param directory the pod's own
 */
public record PodFiles(Path directory) {
    private static final int MAX_HOST_FILE_BYTES = 1024 * 1024;
    /** Servers, search domains or options: far beyond what kubelet gives and resolvers use (docs/decisions/0020). */
    static final int MOST_DNS_WORDS = 100;

    static final int MOST_DNS_CHARS = 8192;
    private static final Path HOST_RESOLV_CONF = Path.of("/etc/resolv.conf");
    private static final Path HOST_HOSTS = Path.of("/etc/hosts");

    public Path hostname() {
        return directory.resolve("hostname");
    }

    public Path hosts() {
        return directory.resolve("hosts");
    }

    public Path resolvConf() {
        return directory.resolve("resolv.conf");
    }

    /**
     * Writes all three.
     *
     * @param addresses the pod's own; none for a pod in the host's network, which gets the host's hosts file
     */
    public void write(String hostname, Optional<DnsConfig> dns, List<String> addresses, FileOwner owner) {
        write(hostname(), hostname + "\n", owner);
        write(hosts(), addresses.isEmpty() ? hostFile(HOST_HOSTS) : hosts(hostname, addresses), owner);
        write(
                resolvConf(),
                dns.filter(config -> !isEmpty(config))
                        .map(PodFiles::resolvConf)
                        .orElseGet(() -> hostFile(HOST_RESOLV_CONF)),
                owner);
    }

    /** What {@link #write} was given; empty if it was not called. */
    public String readHostname() {
        return hostFile(hostname()).strip();
    }

    /** hosts(5). */
    static String hosts(String hostname, List<String> addresses) {
        var text = new StringBuilder("127.0.0.1 localhost\n::1 localhost ip6-localhost ip6-loopback\n");
        addresses.forEach(
                address -> text.append(address).append(' ').append(hostname).append('\n'));
        return text.toString();
    }

    private static boolean isEmpty(DnsConfig dns) {
        return dns.servers().isEmpty()
                && dns.searches().isEmpty()
                && dns.options().isEmpty();
    }

    /** resolv.conf(5). */
    static String resolvConf(DnsConfig dns) {
        var text = new StringBuilder();
        if (!dns.searches().isEmpty()) {
            text.append("search ").append(String.join(" ", dns.searches())).append('\n');
        }
        dns.servers()
                .forEach(server -> text.append("nameserver ").append(server).append('\n'));
        if (!dns.options().isEmpty()) {
            text.append("options ").append(String.join(" ", dns.options())).append('\n');
        }
        return text.toString();
    }

    /** @throws Failure INVALID for what would not be one word in resolv.conf, a server that is no address, or more than anybody needs */
    public static void check(DnsConfig dns) {
        requireFew("DNS servers", dns.servers());
        requireFew("DNS search domains", dns.searches());
        requireFew("DNS options", dns.options());
        dns.searches().forEach(search -> requireWord("DNS search domain", search));
        dns.options().forEach(option -> requireWord("DNS option", option));
        for (var server : dns.servers()) {
            requireWord("DNS server", server);
            try {
                var _ = InetAddress.ofLiteral(server);
            } catch (IllegalArgumentException e) {
                throw new Failure(Failure.Kind.INVALID, "DNS server \"" + server + "\" is not an IP address", e);
            }
        }
    }

    private static void requireFew(String what, List<String> words) {
        var chars = words.stream().mapToLong(String::length).sum();
        if (words.size() > MOST_DNS_WORDS || chars > MOST_DNS_CHARS) {
            throw Failure.invalid(words.size() + " " + what + " of " + chars + " characters are more than the "
                    + MOST_DNS_WORDS + " of " + MOST_DNS_CHARS + " that are allowed");
        }
    }

    private static void requireWord(String what, String text) {
        if (text.isEmpty() || text.length() > 1024 || text.chars().anyMatch(each -> each <= ' ' || each == 0x7F)) {
            throw Failure.invalid("a " + what + " is empty, longer than 1024 characters, or not one word");
        }
    }

    private static String hostFile(Path file) {
        return DurableFiles.find(file, MAX_HOST_FILE_BYTES)
                .map(bytes -> new String(bytes, StandardCharsets.UTF_8))
                .orElse("");
    }

    /** Readable for everybody, whatever the umask: processes in the containers have any uid. */
    private static void write(Path file, String text, FileOwner owner) {
        try {
            Files.writeString(file, text);
            Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));
            owner.take(file);
        } catch (IOException e) {
            throw DurableFiles.failed("write", file, e);
        }
    }
}
