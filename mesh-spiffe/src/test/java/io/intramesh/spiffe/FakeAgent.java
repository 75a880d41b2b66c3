package io.intramesh.spiffe;

import com.google.protobuf.ByteString;
import io.grpc.Metadata;
import io.grpc.Server;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.Status;
import io.grpc.netty.NettyServerBuilder;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import io.intramesh.testing.tls.TestAuthority;
import io.intramesh.testing.tls.TestCertificate;
import io.netty.channel.ChannelOption;
import io.netty.channel.EventLoopGroup;
import io.netty.channel.MultiThreadIoEventLoopGroup;
import io.netty.channel.nio.NioIoHandler;
import io.netty.channel.socket.nio.NioServerDomainSocketChannel;
import io.netty.channel.socket.nio.NioServerSocketChannel;
import io.netty.util.concurrent.DefaultThreadFactory;
import io.spiffe.workloadapi.grpc.SpiffeWorkloadAPIGrpc;
import io.spiffe.workloadapi.grpc.Workload.X509SVID;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDRequest;
import io.spiffe.workloadapi.grpc.Workload.X509SVIDResponse;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.SocketAddress;
import java.net.URI;
import java.net.UnixDomainSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateEncodingException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.NullMarked;
import org.jspecify.annotations.Nullable;

/** An agent that serves the Workload API over a real socket, and says what a test tells it to. */
@NullMarked
final class FakeAgent implements AutoCloseable {
    private static final Metadata.Key<String> HEADER =
            Metadata.Key.of("workload.spiffe.io", Metadata.ASCII_STRING_MARSHALLER);

    private final @Nullable Path socket;
    private final List<ServerCallStreamObserver<X509SVIDResponse>> streams = new CopyOnWriteArrayList<>();
    private final AtomicInteger asked = new AtomicInteger();
    private volatile X509SVIDResponse answer = X509SVIDResponse.getDefaultInstance();
    private volatile boolean denies;
    private volatile boolean silent;
    private @Nullable Server server;
    private @Nullable EventLoopGroup network;

    private FakeAgent(@Nullable Path socket) {
        this.socket = socket;
    }

    /** Serves a Unix socket. */
    static FakeAgent at(Path socket) throws IOException {
        FakeAgent agent = new FakeAgent(socket);
        agent.start();
        return agent;
    }

    static FakeAgent onTcp() throws IOException {
        FakeAgent agent = new FakeAgent(null);
        agent.start();
        return agent;
    }

    void start() throws IOException {
        network = new MultiThreadIoEventLoopGroup(
                1, new DefaultThreadFactory("fake-agent", true), NioIoHandler.newFactory());
        Path path = socket;
        SocketAddress address;
        if (path == null) {
            address = new InetSocketAddress(InetAddress.getLoopbackAddress(), 0);
        } else {
            Files.deleteIfExists(path);
            address = UnixDomainSocketAddress.of(path);
        }
        server = NettyServerBuilder.forAddress(address)
                .channelType(path == null ? NioServerSocketChannel.class : NioServerDomainSocketChannel.class)
                .withChildOption(ChannelOption.SO_KEEPALIVE, null)
                .bossEventLoopGroup(network)
                .workerEventLoopGroup(network)
                .directExecutor()
                .intercept(new HeaderCheck())
                .addService(new Api())
                .build()
                .start();
    }

    /** Falls over: all connections break. */
    void stop() {
        Server running = server;
        EventLoopGroup threads = network;
        server = null;
        if (running != null && threads != null) {
            running.shutdownNow();
            threads.shutdownGracefully(0, 1, TimeUnit.SECONDS).awaitUninterruptibly(5_000);
        }
        streams.clear();
    }

    String address() {
        Server running = server;
        return socket != null || running == null ? "unix://" + socket : "tcp://127.0.0.1:" + running.getPort();
    }

    /** How often it was asked for SVIDs. */
    int asked() {
        return asked.get();
    }

    /** Tells everybody, those who ask later too. */
    void say(X509SVIDResponse now) {
        answer = now;
        denies = false;
        streams.forEach(stream -> stream.onNext(now));
    }

    /** Says that nobody is registered, to everybody. */
    void deny() {
        denies = true;
        List<ServerCallStreamObserver<X509SVIDResponse>> open = List.copyOf(streams);
        streams.clear();
        open.forEach(stream -> stream.onError(denial()));
    }

    /** Ends all streams in good order, as an agent does that is told to stop. */
    void complete() {
        List<ServerCallStreamObserver<X509SVIDResponse>> open = List.copyOf(streams);
        streams.clear();
        open.forEach(StreamObserver::onCompleted);
    }

    /** Takes questions from now on and never answers. */
    void fallSilent() {
        silent = true;
    }

    @Override
    public void close() {
        stop();
    }

    // ---- Answers

    static X509SVIDResponse.Builder answer(X509SVID... svids) {
        return X509SVIDResponse.newBuilder().addAllSvids(List.of(svids));
    }

    static X509SVID svid(TestAuthority authority, String id, String hint) {
        return svid(authority, id, hint, certificate(authority, id));
    }

    static TestCertificate certificate(TestAuthority authority, String id) {
        return authority.certificate().uris(URI.create(id)).issue();
    }

    static X509SVID svid(TestAuthority authority, String id, String hint, TestCertificate certificate) {
        return X509SVID.newBuilder()
                .setSpiffeId(id)
                .setX509Svid(der(certificate.chain()))
                .setX509SvidKey(ByteString.copyFrom(certificate.key().getEncoded()))
                .setBundle(der(List.of(authority.root())))
                .setHint(hint)
                .build();
    }

    static ByteString der(List<X509Certificate> certificates) {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try {
            for (X509Certificate certificate : certificates) {
                bytes.writeBytes(certificate.getEncoded());
            }
        } catch (CertificateEncodingException e) {
            throw new IllegalStateException(e);
        }
        return ByteString.copyFrom(bytes.toByteArray());
    }

    private static RuntimeException denial() {
        return Status.PERMISSION_DENIED.withDescription("no identity issued").asRuntimeException();
    }

    private final class Api extends SpiffeWorkloadAPIGrpc.SpiffeWorkloadAPIImplBase {
        @Override
        public void fetchX509SVID(X509SVIDRequest request, StreamObserver<X509SVIDResponse> observer) {
            asked.incrementAndGet();
            if (denies) {
                observer.onError(denial());
                return;
            }
            ServerCallStreamObserver<X509SVIDResponse> stream = (ServerCallStreamObserver<X509SVIDResponse>) observer;
            stream.setOnCancelHandler(() -> streams.remove(stream));
            if (!silent) {
                stream.onNext(answer);
            }
            streams.add(stream);
        }
    }

    /** As every Workload API must: who does not mean to ask it gets nothing. */
    private static final class HeaderCheck implements ServerInterceptor {
        @Override
        public <Q, A> ServerCall.Listener<Q> interceptCall(
                ServerCall<Q, A> call, Metadata headers, ServerCallHandler<Q, A> next) {
            if (!"true".equals(headers.get(HEADER))) {
                call.close(Status.INVALID_ARGUMENT, new Metadata());
                return new ServerCall.Listener<>() {};
            }
            return next.startCall(call, headers);
        }
    }
}
