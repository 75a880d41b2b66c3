package io.intramesh.servlet;

import io.intramesh.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;

final class JettyEe11ListenerTest extends ListenerContract {
    @Override
    Container container(Path folder, ServerTls tls, Duration handshakeTimeout) {
        return JettyEe11Container.of(tls, handshakeTimeout);
    }
}
