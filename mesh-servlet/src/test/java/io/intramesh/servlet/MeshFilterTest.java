package io.intramesh.servlet;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletRequestWrapper;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.ServletResponseWrapper;
import java.lang.reflect.Proxy;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What needs no container. */
final class MeshFilterTest {

    @Test
    void whatIsNotHttpPasses() throws Exception {
        MeshFilter filter = new MeshFilter(
                (request, port, isEncrypted, certificates) -> {
                    throw new AssertionError("not a request of the mesh");
                },
                context -> {
                    throw new AssertionError("no context to enter");
                });
        ServletRequest request = new ServletRequestWrapper(empty(ServletRequest.class));
        ServletResponse response = new ServletResponseWrapper(empty(ServletResponse.class));
        List<Object> passed = new ArrayList<>();

        filter.doFilter(request, response, (passedRequest, passedResponse) -> {
            passed.add(passedRequest);
            passed.add(passedResponse);
        });

        assertThat(passed).containsExactly(request, response);
    }

    @Test
    @SuppressWarnings("NullAway") // null is what is tested
    void aMeshIsNeeded() {
        assertThatThrownBy(() -> MeshFilter.of(null))
                .isInstanceOf(NullPointerException.class)
                .hasMessage("mesh");
    }

    private static <T> T empty(Class<T> type) {
        return type.cast(Proxy.newProxyInstance(type.getClassLoader(), new Class<?>[] {type}, (proxy, method, args) -> {
            throw new AssertionError(method.getName());
        }));
    }
}
