package io.intramesh.internal.endpoint;

import io.intramesh.internal.time.NanoClock;
import java.io.EOFException;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.net.SocketTimeoutException;
import java.nio.ByteBuffer;
import java.nio.channels.DatagramChannel;
import java.nio.channels.SelectableChannel;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import org.xbill.DNS.Flags;
import org.xbill.DNS.Message;

/*
 * Sends queries and receives answers. dnsjava's own I/O runs on threads and selectors in static fields, which two meshes would
 * share and which outlive them both, and its module hides the interface by which it could be replaced; so the library writes
 * and reads messages, and they travel here: one daemon thread, begun by the first task and ended by close(), around one
 * selector. Tasks run on that thread, too, so whatever is used only there needs no lock.
 *
 * Each UDP query has a socket of its own, connected to the server: the kernel draws a fresh source port and drops what comes
 * from elsewhere, which together with the id of the query is what stands between a forger and us (RFC 5452, section 9.2). A datagram
 * that does not belong to the query is passed over, not taken for its end. Each TCP query has a connection of its own: they are
 * rare enough.
 */
final class DnsThread implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(DnsThread.class);

    private static final int LENGTH_PREFIX = 2;
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final String name;
    private final NanoClock clock;
    private final Queue<Runnable> tasks = new ConcurrentLinkedQueue<>();

    // Guarded by this.
    private @Nullable Thread thread;
    private @Nullable Selector selector;
    private boolean closed;

    // Only the thread itself.
    private final Set<Exchange> exchanges = new LinkedHashSet<>();

    DnsThread(String name, NanoClock clock) {
        this.name = name;
        this.clock = clock;
    }

    /** Runs a task on the thread. Ignored after {@link #close}. */
    synchronized void execute(Runnable task) {
        if (closed) {
            return;
        }
        tasks.add(task);
        if (selector == null) {
            selector = begin();
        }
        selector.wakeup();
    }

    private Selector begin() {
        try {
            Selector opened = Selector.open();
            Thread created = new Thread(() -> run(opened), name);
            created.setDaemon(true);
            created.start();
            thread = created;
            return opened;
        } catch (IOException e) {
            throw new IllegalStateException("no selector for DNS; raise the limit of open files", e);
        }
    }

    /** Fails what is under way and waits for the end of the thread. Idempotent. */
    @Override
    public void close() {
        Thread running;
        synchronized (this) {
            closed = true;
            running = thread;
            if (selector != null) {
                selector.wakeup();
            }
        }
        if (running == null || running == Thread.currentThread()) {
            return;
        }
        try {
            running.join(CLOSE_WAIT_MILLIS);
            if (running.isAlive()) {
                log.warn("dns thread still busy after={}ms", CLOSE_WAIT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private synchronized boolean isClosed() {
        return closed;
    }

    private void run(Selector ownSelector) {
        try (ownSelector) {
            while (!isClosed()) {
                for (Runnable task = tasks.poll(); task != null; task = tasks.poll()) {
                    guarded(task);
                }
                ownSelector.select(key -> guarded(() -> ((Exchange) key.attachment()).ready(key)), untilNextTimeout());
                timeOut();
            }
        } catch (IOException e) {
            log.error("dns thread failed", e);
        } finally {
            List.copyOf(exchanges).forEach(exchange -> exchange.fail(new IOException("the mesh is closed")));
        }
    }

    private static void guarded(Runnable task) {
        try {
            task.run();
        } catch (RuntimeException e) {
            log.error("dns task failed", e);
        }
    }

    /** Returns milliseconds as the selector takes them: 0 waits for ever. */
    private long untilNextTimeout() {
        if (!tasks.isEmpty()) {
            return 1;
        }
        long now = clock.nanoTime();
        long least = Long.MAX_VALUE;
        for (Exchange exchange : exchanges) {
            least = Math.min(least, exchange.timeoutNanos - (now - exchange.started));
        }
        return least == Long.MAX_VALUE ? 0 : Math.max(1, least / 1_000_000 + 1);
    }

    private void timeOut() {
        if (exchanges.isEmpty()) {
            return;
        }
        long now = clock.nanoTime();
        for (Exchange exchange : new ArrayList<>(exchanges)) {
            if (now - exchange.started >= exchange.timeoutNanos) {
                exchange.fail(new SocketTimeoutException("no answer in time"));
            }
        }
    }

    /**
     * Sends a query as a datagram and waits for the one that answers it. On the thread itself.
     *
     * @param maxBytes of the answer
     */
    CompletableFuture<Message> askByUdp(InetSocketAddress server, Message query, int maxBytes, Duration timeout) {
        return new UdpExchange(query, maxBytes, timeout).begin(server);
    }

    /** Opens a connection, sends a query and reads its answer. On the thread itself. */
    CompletableFuture<Message> askByTcp(InetSocketAddress server, Message query, Duration timeout) {
        return new TcpExchange(query, timeout).begin(server);
    }

    private synchronized Selector openSelector() throws IOException {
        if (closed || selector == null) {
            throw new IOException("the mesh is closed");
        }
        return selector;
    }

    /** A query and what becomes of it. */
    private abstract class Exchange {
        final Message query;
        final CompletableFuture<Message> answer = new CompletableFuture<>();
        final long started = clock.nanoTime();
        final long timeoutNanos;
        private @Nullable SelectableChannel channel;

        Exchange(Message query, Duration timeout) {
            this.query = query;
            timeoutNanos = timeout.toNanos();
        }

        abstract SelectableChannel open(InetSocketAddress remote) throws IOException;

        abstract int firstInterest();

        abstract void progress(SelectionKey key) throws IOException;

        CompletableFuture<Message> begin(InetSocketAddress remote) {
            exchanges.add(this);
            try {
                SelectableChannel opened = open(remote);
                opened.register(openSelector(), firstInterest(), this);
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
            return answer;
        }

        /** Remembers the channel before anything can fail, so that it gets closed. */
        final <C extends SelectableChannel> C owned(C opened) throws IOException {
            channel = opened;
            opened.configureBlocking(false);
            return opened;
        }

        void ready(SelectionKey key) {
            try {
                if (key.isValid()) {
                    progress(key);
                }
            } catch (IOException | RuntimeException e) {
                fail(e);
            }
        }

        void succeed(Message message) {
            end();
            answer.complete(message);
        }

        /** Returns the message in these bytes if it answers the query, else null. */
        final @Nullable Message answerIn(byte[] bytes) {
            try {
                Message message = new Message(bytes);
                boolean isAnswer =
                        message.getHeader().getID() == query.getHeader().getID()
                                && message.getHeader().getFlag(Flags.QR)
                                && query.getQuestion().equals(message.getQuestion());
                return isAnswer ? message : null;
            } catch (IOException | RuntimeException e) {
                log.debug("dns message not understood question={}", query.getQuestion(), e);
                return null;
            }
        }

        void fail(Exception e) {
            end();
            answer.completeExceptionally(e);
        }

        private void end() {
            exchanges.remove(this);
            if (channel != null) {
                try {
                    channel.close();
                } catch (IOException e) {
                    log.debug("dns channel not closed", e);
                }
            }
        }
    }

    private final class UdpExchange extends Exchange {
        private final ByteBuffer buffer;

        UdpExchange(Message query, int maxBytes, Duration timeout) {
            super(query, timeout);
            this.buffer = ByteBuffer.allocate(maxBytes);
        }

        @Override
        SelectableChannel open(InetSocketAddress remote) throws IOException {
            DatagramChannel datagrams = owned(DatagramChannel.open());
            datagrams.connect(remote);
            if (datagrams.write(ByteBuffer.wrap(query.toWire())) == 0) {
                throw new IOException("the socket takes no datagram");
            }
            return datagrams;
        }

        @Override
        int firstInterest() {
            return SelectionKey.OP_READ;
        }

        @Override
        void progress(SelectionKey key) throws IOException {
            buffer.clear();
            ((DatagramChannel) key.channel()).read(buffer);
            buffer.flip();
            byte[] bytes = new byte[buffer.remaining()];
            buffer.get(bytes);
            Message message = answerIn(bytes);
            if (message != null) {
                succeed(message);
            }
        }
    }

    private final class TcpExchange extends Exchange {
        private final ByteBuffer out;
        private boolean connected;
        private ByteBuffer in = ByteBuffer.allocate(LENGTH_PREFIX);
        private boolean lengthKnown;

        TcpExchange(Message query, Duration timeout) {
            super(query, timeout);
            // Length and message in one write: RFC 7766, section 8.
            byte[] wire = query.toWire();
            out = ByteBuffer.allocate(LENGTH_PREFIX + wire.length);
            out.putShort((short) wire.length).put(wire).flip();
        }

        @Override
        SelectableChannel open(InetSocketAddress remote) throws IOException {
            SocketChannel connection = owned(SocketChannel.open());
            connected = connection.connect(remote);
            return connection;
        }

        @Override
        int firstInterest() {
            return connected ? SelectionKey.OP_WRITE : SelectionKey.OP_CONNECT;
        }

        @Override
        void progress(SelectionKey key) throws IOException {
            SocketChannel connection = (SocketChannel) key.channel();
            if (key.isConnectable()) {
                connection.finishConnect();
                key.interestOps(SelectionKey.OP_WRITE);
            } else if (key.isWritable()) {
                connection.write(out);
                key.interestOps(out.hasRemaining() ? SelectionKey.OP_WRITE : SelectionKey.OP_READ);
            } else {
                read(connection);
            }
        }

        private void read(SocketChannel connection) throws IOException {
            if (connection.read(in) < 0) {
                throw new EOFException("the server closed the connection before its answer");
            }
            if (!in.hasRemaining() && !lengthKnown) {
                lengthKnown = true;
                in = ByteBuffer.allocate(Short.toUnsignedInt(in.getShort(0)));
                if (in.hasRemaining() && connection.read(in) < 0) {
                    throw new EOFException("the server closed the connection before its answer");
                }
            }
            if (lengthKnown && !in.hasRemaining()) {
                Message message = answerIn(in.array());
                if (message == null) {
                    throw new IOException("the answer belongs to another query");
                }
                succeed(message);
            }
        }
    }
}
