package io.keelson.server.connection;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;

/** Certificates for 127.0.0.1 and their keys, made by openssl in a directory. */
public final class TestCertificates {
    /** How tools write the key of a certificate. */
    public enum KeyForm {
        ELLIPTIC_PKCS8("ec", "ec_paramgen_curve:P-256"),
        ELLIPTIC_SEC1("ec", "ec_paramgen_curve:P-384"),
        RSA_PKCS8("rsa", "rsa_keygen_bits:2048"),
        RSA_PKCS1("rsa", "rsa_keygen_bits:2048"),
        EDWARDS_PKCS8("ed25519", "");

        private final String algorithm;
        private final String option;

        KeyForm(String algorithm, String option) {
            this.algorithm = algorithm;
            this.option = option;
        }

        private boolean isOld() {
            return this == ELLIPTIC_SEC1 || this == RSA_PKCS1;
        }
    }

    private final Path directory;

    public TestCertificates(Path directory) {
        this.directory = directory;
    }

    public Path certificate(String name) {
        return directory.resolve(name + ".crt");
    }

    public Path key(String name) {
        return directory.resolve(name + ".key");
    }

    /** Signed by itself. */
    public void make(String name, KeyForm form) throws IOException, InterruptedException {
        makeKey(name, form);
        openssl(
                "req",
                "-x509",
                "-new",
                "-key",
                key(name).toString(),
                "-days",
                "2",
                "-subj",
                "/CN=" + name,
                "-addext",
                "subjectAltName=IP:127.0.0.1",
                "-out",
                certificate(name).toString());
    }

    private void makeKey(String name, KeyForm form) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("genpkey", "-algorithm", form.algorithm));
        if (!form.option.isEmpty()) {
            line.addAll(List.of("-pkeyopt", form.option));
        }
        line.addAll(List.of("-out", key(name).toString()));
        openssl(line.toArray(String[]::new));
        if (form.isOld()) {
            var key = key(name).toString();
            openssl("pkey", "-traditional", "-in", key, "-out", key + ".old");
            Files.move(Path.of(key + ".old"), key(name), StandardCopyOption.REPLACE_EXISTING);
            assertThat(Files.readString(key(name))).contains(form == KeyForm.RSA_PKCS1 ? "BEGIN RSA" : "BEGIN EC");
        }
    }

    /** The key, with a password. */
    void encryptKey(String name) throws IOException, InterruptedException {
        openssl("pkcs8", "-topk8", "-in", key(name).toString(), "-passout", "pass:secret", "-out", key(name) + ".new");
        Files.move(Path.of(key(name) + ".new"), key(name), StandardCopyOption.REPLACE_EXISTING);
    }

    private void openssl(String... arguments) throws IOException, InterruptedException {
        var line = new ArrayList<>(List.of("openssl"));
        line.addAll(List.of(arguments));
        var process = new ProcessBuilder(line).redirectErrorStream(true).start();
        var said = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor()).as(line + ": " + said).isZero();
    }
}
