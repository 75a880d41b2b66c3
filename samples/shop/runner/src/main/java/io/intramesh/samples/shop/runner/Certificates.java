package io.intramesh.samples.shop.runner;

import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyStore;
import java.security.PrivateKey;
import java.security.cert.Certificate;
import java.security.cert.CertificateFactory;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import javax.net.ssl.KeyManager;
import javax.net.ssl.KeyManagerFactory;
import javax.net.ssl.SSLContext;
import javax.net.ssl.TrustManagerFactory;
import org.jspecify.annotations.Nullable;

/**
 * The certificates of this run: {@code mesh ca} makes an authority and one for each node, for ten minutes, and renews them
 * while the shop runs. A lock keeps a second shop off the same folder.
 */
final class Certificates implements AutoCloseable {
    /** First part of every SPIFFE ID of the shop. */
    static final String TRUST_DOMAIN = "shop.local";

    /** The runner itself, which asks services whether they are ready. */
    static final String RUNNER = "runner";

    private static final String TTL = "10m";
    private static final String LOCK_NAME = ".lock";

    private final Path folder;
    private final FileChannel lock;
    private final Process renewal;

    private Certificates(Path folder, FileChannel lock, Process renewal) {
        this.folder = folder;
        this.lock = lock;
        this.renewal = renewal;
    }

    /** Issues certificates to all nodes of the mesh into the folder, in place of what an earlier run left there. */
    static Certificates issue(Options options, MeshTool tool) throws IOException, InterruptedException {
        Path folder = options.certificates().toAbsolutePath().normalize();
        Files.createDirectories(folder);
        Files.createDirectories(options.logs());
        FileChannel lock = lock(folder);
        try {
            clear(folder);
            String authority = folder.resolve("authority").toString();
            tool.run(List.of("ca", "init", authority, "--trust-domain", TRUST_DOMAIN));
            tool.run(List.of(
                    "ca",
                    "issue",
                    authority,
                    "--all",
                    "--config",
                    options.mesh().toString(),
                    "--mesh",
                    "shop",
                    "--ttl",
                    TTL,
                    "-o",
                    folder.toString()));
            tool.run(List.of(
                    "ca",
                    "issue",
                    authority,
                    "--node",
                    RUNNER,
                    "--mesh",
                    "shop",
                    "--ttl",
                    TTL,
                    "-o",
                    folder.toString()));
            Process renewal = tool.startOnLeash(
                    List.of("ca", "renew", authority, folder.toString(), "--watch"),
                    options.logs().resolve("certificates.log"));
            return new Certificates(folder, lock, renewal);
        } catch (IOException | InterruptedException | RuntimeException failure) {
            lock.close();
            throw failure;
        }
    }

    private static FileChannel lock(Path folder) throws IOException {
        FileChannel channel =
                FileChannel.open(folder.resolve(LOCK_NAME), StandardOpenOption.CREATE, StandardOpenOption.WRITE);
        boolean isLocked;
        try {
            // It lives as long as the channel.
            @Nullable FileLock lock = channel.tryLock();
            isLocked = lock != null;
        } catch (OverlappingFileLockException e) {
            isLocked = false;
        }
        if (!isLocked) {
            channel.close();
            throw new IOException("another shop uses the certificates in " + folder
                    + "; stop it, or name another folder by --certificates");
        }
        return channel;
    }

    private static void clear(Path folder) throws IOException {
        List<Path> deepestFirst;
        try (Stream<Path> inside = Files.walk(folder)) {
            deepestFirst = inside.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path each : deepestFirst) {
            if (!each.equals(folder) && !each.equals(folder.resolve(LOCK_NAME))) {
                Files.delete(each);
            }
        }
    }

    Path folder() {
        return folder;
    }

    /**
     * Returns a context of the JDK's own TLS that trusts the shop's authority.
     *
     * @param node whose certificate to show; null shows none
     */
    SSLContext context(@Nullable String node) throws IOException {
        try {
            KeyStore trusted = emptyStore();
            trusted.setCertificateEntry(
                    "authority", certificates(folder.resolve("trust.pem")).get(0));
            TrustManagerFactory trust = TrustManagerFactory.getInstance(TrustManagerFactory.getDefaultAlgorithm());
            trust.init(trusted);
            SSLContext context = SSLContext.getInstance("TLS");
            context.init(node == null ? null : keys(folder.resolve(node)), trust.getTrustManagers(), null);
            return context;
        } catch (GeneralSecurityException e) {
            throw new IOException(folder + ": not understood: " + e.getMessage(), e);
        }
    }

    private static KeyManager[] keys(Path place) throws IOException, GeneralSecurityException {
        char[] password = new char[0];
        KeyStore own = emptyStore();
        own.setKeyEntry(
                "own",
                key(place.resolve("key.pem")),
                password,
                certificates(place.resolve("chain.pem")).toArray(Certificate[]::new));
        KeyManagerFactory keys = KeyManagerFactory.getInstance(KeyManagerFactory.getDefaultAlgorithm());
        keys.init(own, password);
        return keys.getKeyManagers();
    }

    private static KeyStore emptyStore() throws IOException, GeneralSecurityException {
        KeyStore store = KeyStore.getInstance("PKCS12");
        store.load(null, null);
        return store;
    }

    private static PrivateKey key(Path file) throws IOException, GeneralSecurityException {
        String pem = Files.readString(file).replaceAll("-----[A-Z ]+-----", "");
        return KeyFactory.getInstance("EC")
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(pem)));
    }

    private static List<Certificate> certificates(Path file) throws IOException, GeneralSecurityException {
        Collection<? extends Certificate> all = CertificateFactory.getInstance("X.509")
                .generateCertificates(new ByteArrayInputStream(Files.readAllBytes(file)));
        return List.copyOf(all);
    }

    /** Ends the renewal, and lets the next shop in. The certificates stay: they end by themselves. */
    @Override
    public void close() throws IOException {
        renewal.getOutputStream().close();
        try {
            if (!renewal.waitFor(2, TimeUnit.SECONDS)) {
                renewal.destroyForcibly();
            }
        } catch (InterruptedException e) {
            renewal.destroyForcibly();
            Thread.currentThread().interrupt();
        }
        lock.close();
    }
}
