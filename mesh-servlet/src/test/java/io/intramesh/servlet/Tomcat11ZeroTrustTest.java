package io.intramesh.servlet;

import io.intramesh.tls.ServerTls;
import java.nio.file.Path;
import java.time.Duration;

final class Tomcat11ZeroTrustTest extends ZeroTrustContract {
    @Override
    Container container(Path folder, ServerTls tls) {
        return TomcatContainer.of(folder, tls, Duration.ofSeconds(10));
    }
}
