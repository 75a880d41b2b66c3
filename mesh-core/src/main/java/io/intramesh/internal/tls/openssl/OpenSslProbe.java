package io.intramesh.internal.tls.openssl;

import io.intramesh.internal.tls.engine.TlsBackend;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Iterator;
import java.util.List;
import java.util.Properties;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Finds out whether BoringSSL can be used in this process. Loads the native library where it is there. */
public final class OpenSslProbe {
    private static final String VERSION = "META-INF/maven/io.netty/netty-tcnative-boringssl-static/pom.properties";
    private static final List<Integer> FIRST_SAFE = List.of(2, 0, 84);
    private static final Pattern DOT = Pattern.compile("\\.");

    private OpenSslProbe() {}

    /**
     * What was found.
     *
     * @param backend null where it cannot be used
     * @param problem why not, and how to mend it; empty where it can
     */
    public record Found(@Nullable TlsBackend backend, String problem) {}

    /** Looks for the classes, then for the native library. */
    public static Found look() {
        String unsafe = unsafe();
        if (unsafe != null) {
            return new Found(null, unsafe);
        }
        try {
            return OpenSslBackend.look();
        } catch (NoClassDefFoundError | NoSuchMethodError | NoSuchFieldError absent) {
            return new Found(
                    null,
                    "netty-handler or netty-tcnative is missing or too old (" + absent.getMessage()
                            + "); have io.netty:netty-handler 4.1.112 or later and "
                            + "io.netty:netty-tcnative-boringssl-static with this platform's classifier on the class path");
        }
    }

    /**
     * Loading the native library of netty-tcnative before 2.0.84 ends the JVM on Alpine for aarch64: it wants symbols that
     * only glibc has. Frameworks manage older ones, so the version is looked at before anything is loaded.
     */
    private static @Nullable String unsafe() {
        boolean isMuslOnArm = System.getProperty("os.arch", "").equals("aarch64")
                && Files.exists(Path.of("/lib/ld-musl-aarch64.so.1"));
        if (!isMuslOnArm) {
            return null;
        }
        String version = version();
        return isAtLeast(version, FIRST_SAFE)
                ? null
                : "netty-tcnative " + version
                        + " ends the JVM on this platform; have 2.0.84.Final or later on the class path, "
                        + "such as by the property netty-tcnative.version of Spring Boot";
    }

    /** Returns the version that the jar of the native library names, or an empty text. */
    private static String version() {
        try (InputStream in = OpenSslProbe.class.getClassLoader().getResourceAsStream(VERSION)) {
            Properties properties = new Properties();
            if (in != null) {
                properties.load(in);
            }
            return properties.getProperty("version", "");
        } catch (IOException e) {
            return "";
        }
    }

    /** Compares numbers, dot by dot; what is no number ends the comparison. An empty version is no version. */
    static boolean isAtLeast(String version, List<Integer> wanted) {
        Iterator<String> parts = DOT.splitAsStream(version).iterator();
        for (int number : wanted) {
            String part = parts.hasNext() ? parts.next() : "";
            if (part.isEmpty() || !part.chars().allMatch(Character::isDigit) || part.length() > 9) {
                return false;
            }
            int has = Integer.parseInt(part);
            if (has != number) {
                return has > number;
            }
        }
        return true;
    }
}
