package io.intramesh.spring;

import io.intramesh.Mesh;
import io.intramesh.servlet.MeshFilter;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import org.springframework.boot.autoconfigure.AutoConfiguration;
import org.springframework.boot.autoconfigure.condition.ConditionalOnBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnClass;
import org.springframework.boot.autoconfigure.condition.ConditionalOnMissingBean;
import org.springframework.boot.autoconfigure.condition.ConditionalOnProperty;
import org.springframework.boot.autoconfigure.condition.ConditionalOnWebApplication;
import org.springframework.boot.web.servlet.FilterRegistrationBean;
import org.springframework.context.ApplicationContext;
import org.springframework.context.annotation.Bean;

/**
 * Lets the requests of a servlet application in through the mesh, and out in good order when it stops. A {@link MeshFilter}
 * or its registration as a bean of the application wins.
 */
@AutoConfiguration(after = MeshAutoConfiguration.class)
@ConditionalOnClass({MeshFilter.class, Filter.class, FilterRegistrationBean.class})
@ConditionalOnWebApplication(type = ConditionalOnWebApplication.Type.SERVLET)
@ConditionalOnBean(Mesh.class)
@ConditionalOnProperty(
        prefix = "intramesh",
        name = {"enabled", "inbound.enabled"},
        matchIfMissing = true)
public final class MeshFilterAutoConfiguration {

    @Bean
    @ConditionalOnMissingBean(value = MeshFilter.class, parameterizedContainer = FilterRegistrationBean.class)
    FilterRegistrationBean<MeshFilter> meshFilter(Mesh mesh, MeshProperties properties) {
        FilterRegistrationBean<MeshFilter> registration = new FilterRegistrationBean<>(MeshFilter.of(mesh));
        registration.setName("meshFilter");
        registration.setOrder(properties.inbound().order());
        // The filter counts a request once; on later dispatches it only makes the request's context current again.
        registration.setDispatcherTypes(DispatcherType.REQUEST, DispatcherType.ASYNC, DispatcherType.ERROR);
        registration.setAsyncSupported(true);
        return registration;
    }

    @Bean
    MeshShutdown meshShutdown(Mesh mesh, ApplicationContext context, MeshProperties properties) {
        return new MeshShutdown(mesh, context, properties.shutdown());
    }
}
