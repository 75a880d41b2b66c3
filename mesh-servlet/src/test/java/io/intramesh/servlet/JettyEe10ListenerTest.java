package io.intramesh.servlet;

import io.intramesh.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;

final class JettyEe10ListenerTest extends ListenerContract {
    @Override
    Container container(Path folder, ServerTls tls, Duration handshakeTimeout) {
        return JettyEe10Container.of(tls, handshakeTimeout);
    }
}
