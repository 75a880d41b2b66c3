package io.intramesh.servlet.tomcat;

import io.intramesh.servlet.internal.TlsConnection;
import org.apache.coyote.Adapter;
import org.apache.coyote.Request;
import org.apache.coyote.Response;
import org.apache.tomcat.util.net.SocketEvent;
import org.jspecify.annotations.Nullable;

/** Tells Tomcat of each request how the connection is that it came by; Tomcat itself knows that of whole connectors only. */
final class ConnectionAdapter implements Adapter {
    private final Adapter adapter;

    /** Of the connection that is worked on, by one thread at a time; null where it is not encrypted. */
    private volatile @Nullable TlsConnection connection;

    ConnectionAdapter(Adapter adapter) {
        this.adapter = adapter;
    }

    /** Returns what stays with one connection, whatever it was that Tomcat handed over: an adapter of HTTP/1.1 serves others next. */
    static Adapter of(@Nullable TlsConnection connection, Adapter adapter) {
        Adapter inner = adapter instanceof ConnectionAdapter outer ? outer.adapter : adapter;
        if (connection == null) {
            return inner;
        }
        ConnectionAdapter own = new ConnectionAdapter(inner);
        own.connection(connection);
        return own;
    }

    void connection(@Nullable TlsConnection value) {
        connection = value;
    }

    boolean isEncrypted() {
        return connection != null;
    }

    @Override
    public void service(Request request, Response response) throws Exception {
        describe(request);
        adapter.service(request, response);
    }

    @Override
    public boolean prepare(Request request, Response response) throws Exception {
        describe(request);
        return adapter.prepare(request, response);
    }

    private void describe(Request request) {
        TlsConnection known = connection;
        if (known != null) {
            request.setAttribute(TlsConnection.ATTRIBUTE, known);
            request.scheme().setString("https");
        }
    }

    @Override
    public boolean asyncDispatch(Request request, Response response, SocketEvent status) throws Exception {
        return adapter.asyncDispatch(request, response, status);
    }

    @Override
    public void log(Request request, Response response, long time) {
        adapter.log(request, response, time);
    }

    @Override
    public void checkRecycled(Request request, Response response) {
        adapter.checkRecycled(request, response);
    }

    @Override
    public String getDomain() {
        return adapter.getDomain();
    }
}
