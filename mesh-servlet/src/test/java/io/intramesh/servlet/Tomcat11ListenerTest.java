package io.intramesh.servlet;

import io.intramesh.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;

final class Tomcat11ListenerTest extends ListenerContract {
    @Override
    Container container(Path folder, ServerTls tls, Duration handshakeTimeout) {
        return TomcatContainer.of(folder, tls, handshakeTimeout);
    }
}
