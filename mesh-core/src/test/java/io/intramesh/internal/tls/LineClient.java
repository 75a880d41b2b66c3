package io.intramesh.internal.tls;

import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.EOFException;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.InputStreamReader;
import java.net.InetAddress;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import javax.net.ssl.SSLParameters;
import javax.net.ssl.SSLSocket;
import javax.net.ssl.SSLSocketFactory;

/** Sends lines and reads them back, over TLS; records what came in during the handshake. */
final class LineClient implements AutoCloseable {
    private static final int PATIENCE_MILLIS = 20_000;

    final SSLSocket socket;
    final byte[] handshake;
    private final BufferedReader in;

    private LineClient(SSLSocket socket, byte[] handshake) throws IOException {
        this.socket = socket;
        this.handshake = handshake;
        this.in = new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
    }

    static LineClient connect(SSLSocketFactory factory, int port) throws IOException {
        return connect(factory, port, new String[] {"TLSv1.3", "TLSv1.2"}, List.of());
    }

    static LineClient connect(SSLSocketFactory factory, int port, String[] protocols, List<String> alpn)
            throws IOException {
        RecordingSocket raw = new RecordingSocket(port);
        raw.setSoTimeout(PATIENCE_MILLIS);
        SSLSocket socket = (SSLSocket) factory.createSocket(raw, "127.0.0.1", port, true);
        try {
            SSLParameters parameters = socket.getSSLParameters();
            parameters.setProtocols(protocols);
            parameters.setApplicationProtocols(alpn.toArray(String[]::new));
            socket.setSSLParameters(parameters);
            socket.startHandshake();
            return new LineClient(socket, raw.received.toByteArray());
        } catch (IOException | RuntimeException e) {
            socket.close();
            throw e;
        }
    }

    String exchange(String line) throws IOException {
        socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
        String answer = in.readLine();
        if (answer == null) {
            throw new EOFException("no answer to " + line);
        }
        return answer;
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }

    private static final class RecordingSocket extends Socket {
        private final ByteArrayOutputStream received = new ByteArrayOutputStream();

        RecordingSocket(int port) throws IOException {
            super(InetAddress.getLoopbackAddress(), port);
        }

        @Override
        public InputStream getInputStream() throws IOException {
            return new FilterInputStream(super.getInputStream()) {
                @Override
                public int read() throws IOException {
                    byte[] one = new byte[1];
                    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
                }

                @Override
                public int read(byte[] target, int offset, int length) throws IOException {
                    int count = super.read(target, offset, length);
                    received.write(target, offset, Math.max(0, count));
                    return count;
                }
            };
        }
    }
}
