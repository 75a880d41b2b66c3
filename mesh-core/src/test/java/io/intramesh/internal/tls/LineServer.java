package io.intramesh.internal.tls;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Set;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import javax.net.ssl.SSLContext;
import javax.net.ssl.SSLSession;
import javax.net.ssl.SSLSocket;

/** Answers each line with the same line, over TLS. Keeps what handshakes ended with. */
final class LineServer implements AutoCloseable {
    private final ServerSocket listening;
    private final ExecutorService threads = Executors.newCachedThreadPool();
    private final Set<Socket> open = ConcurrentHashMap.newKeySet();
    final BlockingQueue<Exception> failures = new LinkedBlockingQueue<>();
    final BlockingQueue<SSLSession> sessions = new LinkedBlockingQueue<>();

    LineServer(SSLContext context, Consumer<SSLSocket> configure) {
        try {
            listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        threads.execute(() -> {
            while (!listening.isClosed()) {
                try {
                    Socket accepted = listening.accept();
                    open.add(accepted);
                    threads.execute(() -> serve(accepted, context, configure));
                } catch (IOException closed) {
                    return;
                }
            }
        });
    }

    private void serve(Socket accepted, SSLContext context, Consumer<SSLSocket> configure) {
        try (SSLSocket socket =
                (SSLSocket) context.getSocketFactory().createSocket(accepted, "localhost", accepted.getPort(), true)) {
            socket.setUseClientMode(false);
            configure.accept(socket);
            socket.startHandshake();
            sessions.add(socket.getSession());
            BufferedReader in =
                    new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8));
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                socket.getOutputStream().write((line + "\n").getBytes(StandardCharsets.UTF_8));
            }
        } catch (IOException | RuntimeException e) {
            failures.add(e);
        } finally {
            open.remove(accepted);
        }
    }

    int port() {
        return listening.getLocalPort();
    }

    /** Waits for the next handshake or connection that failed. */
    Exception nextFailure() throws InterruptedException {
        Exception failure = failures.poll(10, TimeUnit.SECONDS);
        if (failure == null) {
            throw new AssertionError("no connection failed within 10 s");
        }
        return failure;
    }

    @Override
    public void close() throws IOException {
        listening.close();
        for (Socket socket : open) {
            socket.close();
        }
        threads.shutdownNow();
    }
}
