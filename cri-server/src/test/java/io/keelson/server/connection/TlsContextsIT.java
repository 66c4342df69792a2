package io.keelson.server.connection;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.keelson.host.failure.Failure;
import io.keelson.server.connection.TestCertificates.KeyForm;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** With certificates by openssl, which has to be installed. */
class TlsContextsIT {
    @TempDir
    Path directory;

    private TestCertificates certificates;

    @BeforeEach
    void begin() {
        certificates = new TestCertificates(directory);
    }

    private TlsSettings settings(Optional<Path> authorities) {
        return new TlsSettings(
                "streaming.tls",
                certificates.certificate("own"),
                certificates.key("own"),
                authorities,
                TlsVersion.TLS_1_2);
    }

    private TlsContexts contexts() {
        return new TlsContexts(settings(Optional.empty()));
    }

    @ParameterizedTest
    @EnumSource
    void readKeysInEveryFormThatToolsWrite(KeyForm form) throws Exception {
        certificates.make("own", form);

        assertThat(contexts().current().isServer()).isTrue();
    }

    @Test
    void refuseWhatIsNotThere() {
        assertRefused(Failure.Kind.ABSENT, certificates.certificate("own").toString(), "no such file");
    }

    @Test
    void refuseWhatIsNoCertificateAndWhatIsNoKey() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        Files.copy(certificates.certificate("own"), certificates.key("own"), StandardCopyOption.REPLACE_EXISTING);
        assertRefused(Failure.Kind.INVALID, "streaming.tls.key", "there is no private key in PEM in it");

        Files.writeString(certificates.certificate("own"), "");
        assertRefused(Failure.Kind.INVALID, "streaming.tls.certificate", "there is no certificate");
        Files.writeString(certificates.certificate("own"), "-----BEGIN CERTIFICATE-----\nAAAA\n");
        assertRefused(Failure.Kind.INVALID, "streaming.tls.certificate");
    }

    @Test
    void refuseAKeyThatIsBrokenEncryptedOrAnothers() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        certificates.make("other", KeyForm.ELLIPTIC_PKCS8);
        certificates.make("rsa", KeyForm.RSA_PKCS8);

        for (var other : new String[] {"other", "rsa"}) {
            Files.copy(certificates.key(other), certificates.key("own"), StandardCopyOption.REPLACE_EXISTING);
            assertRefused(
                    Failure.Kind.INVALID,
                    "streaming.tls.key",
                    certificates.key("own").toString());
        }
        certificates.encryptKey("own");
        assertRefused(Failure.Kind.INVALID, "streaming.tls.key", "is encrypted");
        Files.writeString(
                certificates.key("own"), "-----BEGIN EC PRIVATE KEY-----\nMIH/AQ==\n-----END EC PRIVATE KEY-----\n");
        assertRefused(Failure.Kind.INVALID, "streaming.tls.key", "not DER");
    }

    @Test
    void refuseAuthoritiesThatAreNone() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        var authorities = Files.writeString(directory.resolve("ca"), "none");

        assertThatThrownBy(() -> new TlsContexts(settings(Optional.of(authorities))))
                .isInstanceOf(Failure.class)
                .hasMessageContaining("streaming.tls.client_authorities");
    }

    @Test
    void readFilesAgainThatHaveChangedAndNoOthers() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        var contexts = contexts();
        var first = contexts.current();
        assertThat(contexts.current()).isSameAs(first);

        certificates.make("own", KeyForm.RSA_PKCS8);

        assertThat(contexts.current()).isNotSameAs(first);
        assertThat(contexts.current()).isSameAs(contexts.current());
    }

    @Test
    void keepWhatTheyHaveWhileOnlyHalfIsRenewed() throws Exception {
        certificates.make("own", KeyForm.ELLIPTIC_PKCS8);
        certificates.make("next", KeyForm.ELLIPTIC_PKCS8);
        var contexts = contexts();
        var first = contexts.current();

        replace(certificates.certificate("next"), certificates.certificate("own"));
        assertThat(contexts.current()).isSameAs(first);
        Files.delete(certificates.key("own"));
        assertThat(contexts.current()).isSameAs(first);
        replace(certificates.key("next"), certificates.key("own"));
        assertThat(contexts.current()).isNotSameAs(first);
    }

    private static void replace(Path by, Path file) throws IOException {
        Files.copy(by, file, StandardCopyOption.REPLACE_EXISTING);
    }

    private void assertRefused(Failure.Kind kind, String... words) {
        assertThatThrownBy(this::contexts)
                .isInstanceOfSatisfying(
                        Failure.class, failure -> assertThat(failure.kind()).isEqualTo(kind))
                .message()
                .contains(words);
    }
}
