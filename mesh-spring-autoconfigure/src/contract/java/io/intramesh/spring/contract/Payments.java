package io.intramesh.spring.contract;

import io.intramesh.tls.PeerIdentity;
import jakarta.servlet.http.HttpServletRequest;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.springframework.boot.autoconfigure.EnableAutoConfiguration;
import org.springframework.context.annotation.Configuration;
import org.springframework.context.annotation.Import;
import org.springframework.web.bind.annotation.GetMapping;
import org.springframework.web.bind.annotation.PathVariable;
import org.springframework.web.bind.annotation.PostMapping;
import org.springframework.web.bind.annotation.RequestBody;
import org.springframework.web.bind.annotation.RequestHeader;
import org.springframework.web.bind.annotation.RestController;

/** An application that is called. It knows nothing of the mesh. */
@Configuration(proxyBeanMethods = false)
@EnableAutoConfiguration
@Import(Payments.Charges.class)
class Payments {
    /** Says what arrived, so that the caller can tell how. */
    @RestController
    static final class Charges {
        private final CountDownLatch slowArrived = new CountDownLatch(1);
        private final CountDownLatch slowMayEnd = new CountDownLatch(1);

        @GetMapping("/charges/{id}")
        String charge(
                @PathVariable("id") String id,
                @RequestHeader("Host") String host,
                @RequestHeader(name = "x-request-id", required = false) @Nullable String requestId,
                HttpServletRequest request) {
            return "charge " + id + " host " + host + " request " + requestId + " port " + request.getLocalPort();
        }

        @GetMapping("/peers/{id}")
        String peer(@PathVariable("id") String id, HttpServletRequest request) {
            Object chain = request.getAttribute("jakarta.servlet.request.X509Certificate");
            String peer = chain instanceof X509Certificate[] certificates
                    ? String.valueOf(PeerIdentity.of(List.of(certificates)).name())
                    : "nobody";
            return "charge " + id + " " + request.getScheme() + " " + peer;
        }

        @PostMapping("/charges")
        String charge(@RequestBody String order) {
            return "charged " + order;
        }

        @GetMapping("/charges/slow")
        String slow() throws InterruptedException {
            slowArrived.countDown();
            return slowMayEnd.await(30, TimeUnit.SECONDS) ? "slow" : "too slow";
        }

        void awaitSlow() throws InterruptedException {
            if (!slowArrived.await(30, TimeUnit.SECONDS)) {
                throw new AssertionError("no slow request arrived");
            }
        }

        void endSlow() {
            slowMayEnd.countDown();
        }
    }
}
