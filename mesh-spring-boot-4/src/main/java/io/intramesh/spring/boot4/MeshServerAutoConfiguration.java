package io.intramesh.spring.boot4;

import io.intramesh.Mesh;
import io.intramesh.servlet.MeshFilter;
import io.intramesh.spring.MeshAutoConfiguration;
import io.intramesh.spring.ServerCustomizer;
import java.util.List;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.server.AbstractConfigurableWebServerFactory;
import org.springframework.boot.web.server.WebServerFactoryCustomizer;
import org.springframework.boot.web.server.servlet.ConfigurableServletWebServerFactory;
import org.springframework.context.annotation.Bean;

/**
 * Lets the embedded server of Spring Boot 4 serve the mesh's listener on its port with the TLS that the listener declares:
 * Tomcat and Jetty with servlets. An application whose server cannot, although the listener takes TLS only, does not start: other
 * servers, and reactive ones, which have no filter either.
 */
@AutoConfiguration(after = MeshAutoConfiguration.class)
// The second is where it is in this line alone.
@ConditionalOnClass({MeshFilter.class, ConfigurableServletWebServerFactory.class})
@ConditionalOnWebApplication
@ConditionalOnBean(Mesh.class)
@ConditionalOnProperty(
        prefix = "intramesh",
        name = {"enabled", "inbound.enabled"},
        matchIfMissing = true)
public final class MeshServerAutoConfiguration {

    @Bean
    WebServerFactoryCustomizer<AbstractConfigurableWebServerFactory> meshServerCustomizer(Mesh mesh) {
        return new ServerCustomizer(mesh, List.of(TomcatSetup::isDone, JettySetup::isDone));
    }
}
