package io.intramesh.okhttp;

import java.io.IOException;
import java.net.Socket;
import java.net.SocketTimeoutException;

/** Connections of HTTP/1.1 that are kept between requests. */
final class KeptConnection {
    /** The shortest that a socket can wait. OkHttp waits as long, but only after 10 s of idleness. */
    private static final int LOOK_MILLIS = 1;

    private KeptConnection() {}

    /**
     * Tells whether the peer has ended a connection on which nothing is under way: by the end of the stream, by TLS's close_notify or
     * by a reset. Waits a millisecond where it has not.
     */
    static boolean isClosedByPeer(Socket socket) {
        try {
            int timeout = socket.getSoTimeout();
            socket.setSoTimeout(LOOK_MILLIS);
            try {
                // A byte, which no request has asked for, is the beginning of a farewell: 408, as some servers send.
                int unused = socket.getInputStream().read();
                return true;
            } catch (SocketTimeoutException silent) {
                return false;
            } finally {
                socket.setSoTimeout(timeout);
            }
        } catch (IOException broken) {
            return true;
        }
    }
}
