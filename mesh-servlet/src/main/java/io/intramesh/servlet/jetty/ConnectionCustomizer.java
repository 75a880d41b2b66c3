package io.intramesh.servlet.jetty;

import io.intramesh.servlet.internal.TlsConnection;
import org.eclipse.jetty.http.HttpFields;
import org.eclipse.jetty.http.HttpScheme;
import org.eclipse.jetty.http.HttpURI;
import org.eclipse.jetty.server.Request;
import org.eclipse.jetty.server.SecureRequestCustomizer;

/**
 * Tells of each request how the connection is that it came by. Jetty takes the scheme from {@code :scheme}, or from the request
 * line where that has one, and so whatever a client wrote there.
 */
final class ConnectionCustomizer extends SecureRequestCustomizer {
    ConnectionCustomizer() {
        // The certificate names the node, not the host that was called.
        super(false);
    }

    @Override
    public Request customize(Request request, HttpFields.Mutable responseHeaders) {
        TlsConnection connection = MeshSslConnection.of(
                request.getConnectionMetaData().getConnection().getEndPoint());
        boolean isSecure = connection != null;
        Request described = super.customize(request, responseHeaders);
        if (connection != null) {
            described.setAttribute(TlsConnection.ATTRIBUTE, connection);
        }
        String scheme = (isSecure ? HttpScheme.HTTPS : HttpScheme.HTTP).asString();
        String claimed = described.getHttpURI().getScheme();
        return scheme.equals(claimed) ? described : new Truthful(described, scheme, isSecure);
    }

    /** A request whose client wrote another scheme than that of the connection. */
    private static final class Truthful extends Request.Wrapper {
        private final boolean secure;
        private final HttpURI uri;

        Truthful(Request request, String scheme, boolean isSecure) {
            super(request);
            this.secure = isSecure;
            this.uri = HttpURI.build(request.getHttpURI()).scheme(scheme).asImmutable();
        }

        @Override
        public HttpURI getHttpURI() {
            return uri;
        }

        @Override
        public boolean isSecure() {
            return secure;
        }
    }
}
