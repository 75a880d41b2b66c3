package io.intramesh.servlet;

import io.intramesh.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;

final class JettyEe11ZeroTrustTest extends ZeroTrustContract {
    @Override
    Container container(Path folder, ServerTls tls) {
        return JettyEe11Container.of(tls, Duration.ofSeconds(10));
    }
}
