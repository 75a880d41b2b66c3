package io.intramesh.testing;

import static java.util.Objects.requireNonNull;

import java.io.ByteArrayOutputStream;
import java.io.DataInputStream;
import java.io.DataOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.DatagramPacket;
import java.net.DatagramSocket;
import java.net.Inet4Address;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketAddress;
import java.net.SocketException;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A DNS server on a free port of the loopback address, by UDP and TCP, that says what it is told to: it resolves aliases as a
 * recursive server does, and misbehaves on demand. Names are absolute, without the final dot.
 *
 * <pre>{@code
 * try (FakeDnsServer dns = FakeDnsServer.start()) {
 *     dns.answer("payments.test", Duration.ofSeconds(30), "10.0.0.1", "fd00::1");
 *     …
 * }
 * }</pre>
 *
 * <p>Safe for use by several threads. Owns two daemon threads, which end with {@link #close}.
 */
public final class FakeDnsServer implements AutoCloseable {
    private static final int TYPE_A = 1;
    private static final int TYPE_CNAME = 5;
    private static final int TYPE_AAAA = 28;
    private static final int CLASS_IN = 1;
    private static final int FLAGS_ANSWER = 0x8180;
    private static final int FLAG_TRUNCATED = 0x0200;
    private static final int NXDOMAIN = 3;
    private static final int FORMERR = 1;
    private static final int MAX_DATAGRAM = 4096;
    private static final int MAX_ALIASES = 20;
    private static final int BIND_TRIES = 50;

    /** What a server answers that cannot answer. */
    public enum Refusal {
        SERVFAIL(2),
        REFUSED(5);

        private final int code;

        Refusal(int code) {
            this.code = code;
        }
    }

    /**
     * A question that came in.
     *
     * @param type {@code A}, {@code AAAA} or the number of another type
     */
    public record Question(String name, String type, boolean byTcp) {}

    private final DatagramSocket udp;
    private final ServerSocket tcp;
    private final List<Thread> threads;

    // Guarded by this.
    private final Map<String, Records> records = new HashMap<>();
    /** By name and type. */
    private final Map<String, Refusal> refused = new HashMap<>();

    private final Set<String> dropped = new HashSet<>();
    private final Set<String> truncated = new HashSet<>();
    private final Set<String> forged = new HashSet<>();
    private final Map<String, List<Reply>> held = new HashMap<>();
    private final List<Question> questions = new ArrayList<>();
    private boolean chasesAliases = true;
    private boolean knowsEdns = true;
    private boolean silent;

    private FakeDnsServer(DatagramSocket udp, ServerSocket tcp) {
        this.udp = udp;
        this.tcp = tcp;
        threads = List.of(new Thread(this::serveUdp, "fake-dns-udp"), new Thread(this::serveTcp, "fake-dns-tcp"));
        threads.forEach(thread -> {
            thread.setDaemon(true);
            thread.start();
        });
    }

    /** Starts a server that knows no name. */
    public static FakeDnsServer start() {
        InetAddress loopback = InetAddress.getLoopbackAddress();
        for (int tries = 0; ; tries++) {
            DatagramSocket udp = null;
            try {
                udp = new DatagramSocket(0, loopback);
                return new FakeDnsServer(udp, new ServerSocket(udp.getLocalPort(), 50, loopback));
            } catch (IOException e) {
                if (udp != null) {
                    udp.close();
                }
                // The port was free for UDP and taken for TCP.
                if (tries == BIND_TRIES) {
                    throw new UncheckedIOException(e);
                }
            }
        }
    }

    /** Returns where this server listens. */
    public InetSocketAddress address() {
        return new InetSocketAddress(udp.getLocalAddress(), udp.getLocalPort());
    }

    /** Sets the addresses of a name, of both families; without any the name exists and has no address. */
    public synchronized void answer(String name, Duration timeToLive, String... addresses) {
        records.put(
                key(name),
                new Records(
                        timeToLive,
                        Arrays.stream(addresses).map(FakeDnsServer::address).toList(),
                        null));
    }

    /** Makes a name an alias of another. */
    public synchronized void alias(String name, Duration timeToLive, String target) {
        records.put(key(name), new Records(timeToLive, List.of(), key(target)));
    }

    /** Makes a name unknown (NXDOMAIN), as every name is at first. */
    public synchronized void forget(String name) {
        records.remove(key(name));
    }

    /** Refuses questions for a name; null answers them again. */
    public synchronized void refuse(String name, @Nullable Refusal refusal) {
        refuse(name, "A", refusal);
        refuse(name, "AAAA", refusal);
    }

    /** Refuses questions for a name and a type, {@code A} or {@code AAAA}; null answers them again. */
    public synchronized void refuse(String name, String type, @Nullable Refusal refusal) {
        if (refusal == null) {
            refused.remove(key(name) + "/" + type);
        } else {
            refused.put(key(name) + "/" + type, refusal);
        }
    }

    /** Gives no answer for a name, or does again. */
    public synchronized void drop(String name, boolean drops) {
        toggle(dropped, name, drops);
    }

    /** Gives no answer for any name, or does again. */
    public synchronized void dropAll(boolean drops) {
        silent = drops;
    }

    /** Cuts answers for a name by UDP, so that the client must ask by TCP. */
    public synchronized void truncate(String name, boolean truncates) {
        toggle(truncated, name, truncates);
    }

    /** Sends a datagram with a wrong id ahead of each answer for a name. */
    public synchronized void forge(String name, boolean forges) {
        toggle(forged, name, forges);
    }

    /** Keeps answers by UDP for a name back until {@link #release}. Each is what it would have been when it was asked for. */
    public synchronized void hold(String name) {
        held.putIfAbsent(key(name), new ArrayList<>());
    }

    /** Sends what was held back for a name, and holds no more. */
    public void release(String name) {
        List<Reply> replies;
        synchronized (this) {
            replies = held.remove(key(name));
        }
        if (replies != null) {
            replies.forEach(Reply::send);
        }
    }

    /** Answers an alias with the CNAME record alone, and leaves it to the client to ask on. */
    public synchronized void leaveAliasesToClients() {
        chasesAliases = false;
    }

    /** Behaves like a server from before EDNS: questions that carry it get FORMERR. */
    public synchronized void forgetEdns() {
        knowsEdns = false;
    }

    /** Returns the questions so far, in order. */
    public synchronized List<Question> questions() {
        return List.copyOf(questions);
    }

    /** Returns how often a name was asked for, in any type, by UDP. */
    public synchronized int questionsFor(String name) {
        return (int) questions.stream()
                .filter(question -> question.name().equals(key(name)) && !question.byTcp())
                .count();
    }

    @Override
    public void close() {
        udp.close();
        try {
            tcp.close();
            for (Thread thread : threads) {
                thread.join();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void serveUdp() {
        byte[] buffer = new byte[MAX_DATAGRAM];
        while (!udp.isClosed()) {
            DatagramPacket packet = new DatagramPacket(buffer, buffer.length);
            try {
                udp.receive(packet);
            } catch (SocketException closed) {
                return;
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
            SocketAddress client = packet.getSocketAddress();
            answer(Arrays.copyOf(buffer, packet.getLength()), false, bytes -> {
                try {
                    udp.send(new DatagramPacket(bytes, bytes.length, client));
                } catch (IOException e) {
                    // The client, or this server, has gone: as in life, nobody hears of it.
                    return;
                }
            });
        }
    }

    private void serveTcp() {
        while (!tcp.isClosed()) {
            try (Socket connection = tcp.accept()) {
                DataInputStream in = new DataInputStream(connection.getInputStream());
                byte[] query = in.readNBytes(in.readUnsignedShort());
                answer(query, true, bytes -> {
                    try {
                        DataOutputStream out = new DataOutputStream(connection.getOutputStream());
                        out.writeShort(bytes.length);
                        out.write(bytes);
                        out.flush();
                    } catch (IOException e) {
                        return;
                    }
                });
            } catch (IOException e) {
                // Closed by the client, or by close(): the loop tells which.
                assert tcp.isBound() : e;
            }
        }
    }

    private void answer(byte[] wire, boolean byTcp, Sender sender) {
        ByteBuffer query = ByteBuffer.wrap(wire);
        int id = Short.toUnsignedInt(query.getShort());
        query.position(10);
        boolean hasEdns = query.getShort() != 0;
        int questionStart = query.position();
        String name = readName(query);
        int type = Short.toUnsignedInt(query.getShort());
        query.getShort();
        byte[] question = Arrays.copyOfRange(wire, questionStart, query.position());

        List<Reply> replies = new ArrayList<>();
        synchronized (this) {
            questions.add(new Question(name, typeName(type), byTcp));
            if (silent || dropped.contains(name)) {
                return;
            }
            byte[] bytes = message(id, question, name, type, hasEdns, byTcp);
            if (forged.contains(name) && !byTcp) {
                byte[] forgery = bytes.clone();
                forgery[0] ^= 0x55;
                replies.add(new Reply(sender, forgery));
            }
            replies.add(new Reply(sender, bytes));
            List<Reply> kept = held.get(name);
            if (kept != null && !byTcp) {
                kept.addAll(replies);
                return;
            }
        }
        replies.forEach(Reply::send);
    }

    /** Called with the lock held. */
    private byte[] message(int id, byte[] question, String name, int type, boolean hasEdns, boolean byTcp) {
        Refusal refusal = refused.get(name + "/" + typeName(type));
        if (refusal != null) {
            return message(id, refusal.code, 0, question, List.of());
        }
        if (hasEdns && !knowsEdns) {
            return message(id, FORMERR, 0, question, List.of());
        }
        if (truncated.contains(name) && !byTcp) {
            return message(id, 0, FLAG_TRUNCATED, question, List.of());
        }
        List<byte[]> answers = new ArrayList<>();
        String at = name;
        Records found = records.get(at);
        for (int aliases = 0; found != null && found.alias != null && aliases < MAX_ALIASES; aliases++) {
            answers.add(record(at, TYPE_CNAME, found.timeToLive, encodeName(found.alias)));
            at = found.alias;
            found = chasesAliases ? records.get(at) : null;
        }
        boolean leftToClient = !chasesAliases && !answers.isEmpty();
        if (found != null) {
            for (InetAddress address : found.addresses) {
                if (type == (address instanceof Inet4Address ? TYPE_A : TYPE_AAAA)) {
                    answers.add(record(at, type, found.timeToLive, address.getAddress()));
                }
            }
        }
        return message(id, found == null && !leftToClient ? NXDOMAIN : 0, 0, question, answers);
    }

    private static byte[] message(int id, int code, int flags, byte[] question, List<byte[]> answers) {
        return bytes(out -> {
            out.writeShort(id);
            out.writeShort(FLAGS_ANSWER | flags | code);
            out.writeShort(1);
            out.writeShort(answers.size());
            out.writeInt(0);
            out.write(question);
            for (byte[] answer : answers) {
                out.write(answer);
            }
        });
    }

    private static byte[] record(String name, int type, Duration timeToLive, byte[] data) {
        return bytes(out -> {
            out.write(encodeName(name));
            out.writeShort(type);
            out.writeShort(CLASS_IN);
            out.writeInt((int) timeToLive.toSeconds());
            out.writeShort(data.length);
            out.write(data);
        });
    }

    private static byte[] encodeName(String name) {
        return bytes(out -> {
            for (String label : name.split("\\.", -1)) {
                byte[] text = label.getBytes(StandardCharsets.US_ASCII);
                out.writeByte(text.length);
                out.write(text);
            }
            out.writeByte(0);
        });
    }

    private static String readName(ByteBuffer query) {
        StringBuilder name = new StringBuilder();
        for (int length = query.get(); length > 0; length = query.get()) {
            byte[] label = new byte[length];
            query.get(label);
            name.append(name.isEmpty() ? "" : ".").append(new String(label, StandardCharsets.US_ASCII));
        }
        return key(name.toString());
    }

    private static byte[] bytes(Writing writing) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            writing.to(new DataOutputStream(bytes));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    private static void toggle(Set<String> names, String name, boolean in) {
        if (in) {
            names.add(key(name));
        } else {
            names.remove(key(name));
        }
    }

    private static String key(String name) {
        return requireNonNull(name, "name").toLowerCase(Locale.ROOT);
    }

    private static String typeName(int type) {
        return type == TYPE_A ? "A" : type == TYPE_AAAA ? "AAAA" : Integer.toString(type);
    }

    private static InetAddress address(String literal) {
        if (!literal.matches("[0-9.]+|[0-9a-fA-F:.]*:[0-9a-fA-F:.]*")) {
            throw new IllegalArgumentException("address: " + literal + " (expected: an IP address)");
        }
        try {
            return InetAddress.getByName(literal);
        } catch (UnknownHostException e) {
            throw new IllegalArgumentException("address: " + literal + " (expected: an IP address)", e);
        }
    }

    /** What is known of a name: addresses, or whose alias it is. */
    private record Records(
            Duration timeToLive,
            List<InetAddress> addresses,
            @Nullable String alias) {}

    private static final class Reply {
        private final Sender sender;
        private final byte[] bytes;

        Reply(Sender sender, byte[] bytes) {
            this.sender = sender;
            this.bytes = bytes;
        }

        void send() {
            sender.send(bytes);
        }
    }

    private interface Sender {
        void send(byte[] bytes);
    }

    private interface Writing {
        void to(DataOutputStream out) throws IOException;
    }
}
