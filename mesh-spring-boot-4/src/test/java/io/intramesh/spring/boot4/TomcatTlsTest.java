package io.intramesh.spring.boot4;

import io.intramesh.spring.contract.MeshTlsApplicationContract;
import org.springframework.boot.tomcat.servlet.TomcatServletWebServerFactory;
import org.springframework.context.annotation.Bean;
import org.springframework.context.annotation.Configuration;

class TomcatTlsTest extends MeshTlsApplicationContract {
    @Override
    protected Class<?> server() {
        return Server.class;
    }

    @Configuration(proxyBeanMethods = false)
    static class Server {
        @Bean
        TomcatServletWebServerFactory server() {
            return new TomcatServletWebServerFactory();
        }
    }
}
