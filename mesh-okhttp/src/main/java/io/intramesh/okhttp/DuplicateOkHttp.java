package io.intramesh.okhttp;

import java.io.IOException;
import java.net.URL;
import java.util.ArrayList;
import java.util.Collections;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import okhttp3.OkHttpClient;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Tells of a second copy of OkHttp. A library that asks for okhttp 4.x brings one beside okhttp-jvm 5.x, and which classes
 * load is then a matter of luck.
 */
final class DuplicateOkHttp {
    private static final Logger log = LoggerFactory.getLogger(DuplicateOkHttp.class);
    private static final String CLASS = "okhttp3/OkHttpClient.class";
    private static final AtomicBoolean checked = new AtomicBoolean();

    private DuplicateOkHttp() {}

    /** Warns if OkHttp is there twice; looks only once in the life of the process. */
    static void warnOnce() {
        if (checked.compareAndSet(false, true)) {
            ClassLoader loader = OkHttpClient.class.getClassLoader();
            warn(copies(loader == null ? ClassLoader.getSystemClassLoader() : loader));
        }
    }

    static List<URL> copies(ClassLoader loader) {
        try {
            // A set of texts, because URL.equals asks the network.
            Set<String> seen = new LinkedHashSet<>();
            List<URL> copies = new ArrayList<>();
            for (URL url : Collections.list(loader.getResources(CLASS))) {
                if (seen.add(url.toExternalForm())) {
                    copies.add(url);
                }
            }
            return copies;
        } catch (IOException e) {
            log.debug("OkHttp on the class path cannot be looked up", e);
            return List.of();
        }
    }

    static void warn(List<URL> copies) {
        if (copies.size() > 1) {
            log.warn(
                    "OkHttp is on the class path {} times, and which copy loads is undefined copies={}; import"
                            + " io.intramesh:mesh-bom or com.squareup.okhttp3:okhttp-bom of version 5 or later, or exclude"
                            + " com.squareup.okhttp3:okhttp below 5",
                    copies.size(),
                    copies);
        }
    }
}
