package io.intramesh.servlet;

import static java.util.Objects.requireNonNull;

import io.intramesh.Mesh;
import io.intramesh.Reason;
import io.intramesh.call.Inbound;
import io.intramesh.call.InboundRequest;
import io.intramesh.call.MeshContext;
import io.intramesh.call.Refusal;
import io.intramesh.servlet.internal.TlsConnection;
import jakarta.servlet.DispatcherType;
import jakarta.servlet.Filter;
import jakarta.servlet.FilterChain;
import jakarta.servlet.ServletException;
import jakarta.servlet.ServletRequest;
import jakarta.servlet.ServletResponse;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Puts a mesh in front of the servlets of a web application: each request is admitted or refused by the rules of this
 * process's virtual node, and known to the mesh until its response is through, asynchronous ones included.
 *
 * <pre>{@code
 * FilterRegistration.Dynamic registration = servletContext.addFilter("mesh", MeshFilter.of(mesh));
 * registration.setAsyncSupported(true);
 * registration.addMappingForUrlPatterns(null, false, "/*");
 * }</pre>
 *
 * <p>Let it stand before all other filters. Mapped to {@link DispatcherType#REQUEST}, the default, it does all its work;
 * mapped to {@code ASYNC} and {@code ERROR} too, it also makes the context current there. No mapping makes it count a
 * request twice. While the application works, {@link Mesh#context} and the attribute {@value #CONTEXT_ATTRIBUTE} hold the
 * {@link MeshContext}; work that moves to another thread takes it along by {@link Mesh#enter}.
 *
 * <p>A refused request gets the refusal's status, the header {@value Refusal#HEADER} and a body of
 * {@value Refusal#MEDIA_TYPE}; the application does not see it. A declared health check is answered by the application; only
 * where that knows nothing of the path (404) the filter answers 200 itself. Some containers run no filters where no servlet
 * is mapped at all, so map a default servlet ({@code /}), as Spring does.
 *
 * <p>Who the caller is, the connection says, and nothing else: {@code jakarta.servlet.request.X509Certificate} as its TLS proved
 * it. Containers that the packages {@code tomcat} and {@code jetty} set up vouch for it themselves; others must not have anything
 * in front that fills that attribute from a header, such as Tomcat's {@code SSLValve}. The application does not see
 * {@code X-Forwarded-Client-Cert}, by which proxies tell such things, nor headers that only the mesh's responses bear.
 *
 * <p>To stop without a failed call: {@code mesh.drain(); mesh.awaitDrained(limit);}, then stop the container, then
 * {@code mesh.close()}. The filter itself holds nothing that would have to be closed. Safe for use by several threads.
 */
public final class MeshFilter implements Filter {
    /** Request attribute that holds the {@link MeshContext} of an admitted request; later dispatches know it by that. */
    public static final String CONTEXT_ATTRIBUTE = "io.intramesh.context";

    private static final String CERTIFICATES_ATTRIBUTE = "jakarta.servlet.request.X509Certificate";
    private static final String CIPHER_SUITE_ATTRIBUTE = "jakarta.servlet.request.cipher_suite";

    private final Inbound inbound;
    private final Function<MeshContext, MeshContext.Scope> enter;

    /** Puts that mesh in front. The filter does not close it. */
    public MeshFilter(Mesh mesh) {
        this(requireNonNull(mesh, "mesh").inbound(), mesh::enter);
    }

    MeshFilter(Inbound inbound, Function<MeshContext, MeshContext.Scope> enter) {
        this.inbound = inbound;
        this.enter = enter;
    }

    /** Returns a filter that puts that mesh in front; same as the constructor. */
    public static MeshFilter of(Mesh mesh) {
        return new MeshFilter(mesh);
    }

    @Override
    public void doFilter(ServletRequest request, ServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        if (!(request instanceof HttpServletRequest httpRequest)
                || !(response instanceof HttpServletResponse httpResponse)) {
            chain.doFilter(request, response);
            return;
        }
        if (request.getAttribute(CONTEXT_ATTRIBUTE) instanceof MeshContext earlier) {
            within(earlier, httpRequest, httpResponse, chain);
        } else if (request.getDispatcherType() == DispatcherType.REQUEST) {
            begin(httpRequest, httpResponse, chain);
        } else {
            // An error page for a request that never came this far: the application did not see it.
            chain.doFilter(request, response);
        }
    }

    private void begin(HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        TlsConnection connection = TlsConnection.of(request);
        List<X509Certificate> peer = connection == null ? peerCertificates(request) : connection.peerCertificates();
        boolean isEncrypted = connection != null || !peer.isEmpty() || isEncrypted(request);
        InboundRequest exchange =
                inbound.begin(new ServletMeshRequest(request), request.getLocalPort(), isEncrypted, peer);
        boolean isInterrupted = false;
        try {
            exchange.awaitAdmission();
        } catch (InterruptedException e) {
            // The container stops its threads: the request counts as refused.
            isInterrupted = true;
        } catch (RuntimeException | Error e) {
            exchange.ended(HttpServletResponse.SC_INTERNAL_SERVER_ERROR, e);
            throw e;
        }
        Refusal refusal = exchange.refusal();
        if (refusal == null) {
            admit(exchange, connection, request, response, chain);
            return;
        }
        try {
            refuse(exchange, refusal, request, response);
            if (isInterrupted) {
                response.flushBuffer();
            }
        } finally {
            if (isInterrupted) {
                // Not earlier: a channel closes itself when an interrupted thread writes to it.
                Thread.currentThread().interrupt();
            }
        }
    }

    private void admit(
            InboundRequest exchange,
            @Nullable TlsConnection connection,
            HttpServletRequest request,
            HttpServletResponse response,
            FilterChain chain)
            throws IOException, ServletException {
        HealthCheckResponse healthCheck = null;
        Throwable failure = null;
        try {
            request.setAttribute(CONTEXT_ATTRIBUTE, exchange.context());
            closeIfOutdated(connection, request, response);
            closeIfAsked(exchange, request, response);
            if (exchange.isHealthCheck() && "GET".equals(request.getMethod())) {
                healthCheck = new HealthCheckResponse(request, response);
            }
            within(exchange.context(), request, healthCheck == null ? response : healthCheck, chain);
            if (healthCheck != null) {
                healthCheck.finish();
            }
            // Once more: the drain may have begun meanwhile, and what is not committed can still tell the caller.
            closeIfAsked(exchange, request, response);
        } catch (IOException | ServletException | RuntimeException | Error e) {
            failure = e;
            MarkedResponse.mark(response, exchange.context(), HttpServletResponse.SC_INTERNAL_SERVER_ERROR);
            throw e;
        } finally {
            end(exchange, request, response, failure);
        }
    }

    private void within(
            MeshContext context, HttpServletRequest request, HttpServletResponse response, FilterChain chain)
            throws IOException, ServletException {
        MeshContext.Scope scope = enter.apply(context);
        try {
            chain.doFilter(new CleanedRequest(request), new MarkedResponse(response, context));
        } finally {
            scope.close();
        }
    }

    /** Reports the end: now, or when the asynchronous work that was started is through. */
    private static void end(
            InboundRequest exchange,
            HttpServletRequest request,
            HttpServletResponse response,
            @Nullable Throwable failure) {
        if (request.isAsyncStarted()) {
            try {
                request.getAsyncContext().addListener(new AsyncEnd(exchange, response, failure));
                return;
            } catch (IllegalStateException completed) {
                // Another thread completed it between the two calls; then it is over now.
            }
        }
        exchange.ended(failure == null ? response.getStatus() : HttpServletResponse.SC_INTERNAL_SERVER_ERROR, failure);
    }

    private static void refuse(
            InboundRequest exchange, Refusal refusal, HttpServletRequest request, HttpServletResponse response)
            throws IOException {
        Throwable failure = null;
        try {
            if (response.isCommitted()) {
                // A filter in front answered already; all that is left is to keep the request from the application.
                return;
            }
            byte[] body = refusal.problemJson().getBytes(StandardCharsets.UTF_8);
            response.resetBuffer();
            response.setStatus(refusal.status());
            response.setHeader(Refusal.HEADER, refusal.reason().name());
            if (refusal.reason() == Reason.LIMIT_REACHED) {
                response.setHeader(Refusal.OVERLOADED_HEADER, "true");
            }
            if (refusal.reason() == Reason.RATE_LIMITED) {
                response.setHeader(Refusal.RATE_LIMITED_HEADER, "true");
            }
            if (refusal.retryAfterSeconds() != 0) {
                response.setHeader(Refusal.RETRY_AFTER_HEADER, Long.toString(refusal.retryAfterSeconds()));
            }
            if (refusal.challenge() != null) {
                response.setHeader(Refusal.CHALLENGE_HEADER, refusal.challenge());
            }
            closeIfAsked(exchange, request, response);
            if (refusal.reason() == Reason.PEER_UNTRUSTED) {
                // Nothing that comes by this connection will be let in; another handshake may bring a better
                // certificate.
                closeConnection(request, response);
            }
            response.setContentType(Refusal.MEDIA_TYPE);
            response.setContentLength(body.length);
            response.getOutputStream().write(body);
        } catch (IOException | RuntimeException | Error e) {
            failure = e;
            throw e;
        } finally {
            exchange.ended(refusal.status(), failure);
        }
    }

    private static void closeIfAsked(
            InboundRequest exchange, HttpServletRequest request, HttpServletResponse response) {
        if (!exchange.closesConnection() || response.isCommitted()) {
            return;
        }
        response.setHeader(InboundRequest.DRAINING_HEADER, "true");
        closeConnection(request, response);
    }

    /** Lets connections age out that were made under a certificate or trust that is no longer in force. */
    private static void closeIfOutdated(
            @Nullable TlsConnection connection, HttpServletRequest request, HttpServletResponse response) {
        if (connection != null && connection.isOutdated()) {
            connection.end();
            closeConnection(request, response);
        }
    }

    private static void closeConnection(HttpServletRequest request, HttpServletResponse response) {
        // HTTP/2 forbids this one; its connections are ended by the container's GOAWAY.
        if (!response.isCommitted() && request.getProtocol().startsWith("HTTP/1")) {
            response.setHeader("Connection", "close");
        }
    }

    /** Of a container that is not ours: what proxies' headers set, where somebody lets them, has no cipher suite with it. */
    private static boolean isEncrypted(HttpServletRequest request) {
        return request.isSecure() && request.getAttribute(CIPHER_SUITE_ATTRIBUTE) instanceof String;
    }

    private static List<X509Certificate> peerCertificates(HttpServletRequest request) {
        // Asked of a plaintext connection, Tomcat goes down to the socket to find that there is none.
        return request.isSecure() && request.getAttribute(CERTIFICATES_ATTRIBUTE) instanceof X509Certificate[] chain
                ? List.of(chain)
                : List.of();
    }
}
