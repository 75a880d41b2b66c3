package io.intramesh.internal.tls;

import io.intramesh.MeshConfigException;
import io.intramesh.tls.ClientTls;
import io.intramesh.tls.TlsSettings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/** Runs in a virtual machine of its own, set up as the test wants it: exchanges a line under each version, and says how. */
final class ProviderChild {
    private ProviderChild() {}

    public static void main(String[] arguments) throws IOException {
        TlsSettings settings = TlsSettings.builder()
                .provider(TlsSettings.Provider.valueOf(arguments[0]))
                .fips(Boolean.parseBoolean(arguments[1]))
                .build();
        TlsFixture tls = new TlsFixture(Files.createDirectories(Path.of(arguments[2])));
        tls.issue("server", TlsFixture.SERVER_ID);
        tls.issue("client", TlsFixture.CLIENT_ID);
        try (TlsStore store = tls.store(settings)) {
            exchange(tls, store);
        } catch (MeshConfigException refused) {
            System.out.println("refused: " + refused.getMessage());
        }
        // Threads of the server do not keep the machine alive.
        System.exit(0);
    }

    private static void exchange(TlsFixture tls, TlsStore store) throws IOException {
        ServerHandle server = store.server(8443);
        server.configure(tls.strict("server", tls.validation(TlsFixture.CLIENT_ID)), List.of());
        ClientTls client = store.client(tls.certificate("client"), tls.validation(TlsFixture.SERVER_ID), List.of())
                .current();
        if (client == null) {
            throw new IllegalStateException(server.problem());
        }
        System.out.println("provider: " + store.describe().get(0).provider());
        try (LineServer lines = new LineServer(server.context(), socket -> {})) {
            for (String protocol : List.of("TLSv1.2", "TLSv1.3")) {
                try (LineClient connection = LineClient.connect(
                        client.socketFactory(), lines.port(), new String[] {protocol}, List.of("h2"))) {
                    String suite = connection.socket.getSession().getCipherSuite();
                    System.out.println(connection.exchange("exchanged") + ": " + protocol + " " + suite);
                }
            }
        }
    }
}
