package io.intramesh.internal.tls;

import io.intramesh.MeshConfigException;
import io.intramesh.internal.tls.engine.JcaBackend;
import io.intramesh.internal.tls.engine.TlsBackend;
import java.lang.reflect.InvocationTargetException;
import java.security.GeneralSecurityException;
import java.security.Provider;
import java.security.Signature;
import java.util.ArrayList;
import java.util.List;
import javax.net.ssl.SSLContext;

/**
 * Finds the validated modules of this JVM. They are set up outside, in {@code java.security} or by the application, since
 * everything must go by them: signatures of certificates are checked by whichever provider comes first.
 *
 * <p>Known are BC-FIPS with its own TLS ({@code BCFIPS}, {@code BCJSSE} in FIPS mode), and ACCP-FIPS under the JDK's TLS. No
 * library is linked: modules are asked by reflection whether they are in their approved mode.
 */
final class FipsProvider {
    private static final String BC_FIPS = "BCFIPS";
    private static final String BC_TLS = "BCJSSE";
    private static final String ACCP = "AmazonCorrettoCryptoProvider";

    private FipsProvider() {}

    /** Returns TLS by validated modules, or refuses to, saying everything that is missing. */
    static TlsBackend backend() {
        List<String> problems = new ArrayList<>();
        try {
            Provider signs = Signature.getInstance("SHA256withECDSA").getProvider();
            SSLContext context = SSLContext.getInstance("TLS");
            Provider tls = context.getProvider();
            if (!isValidated(signs)) {
                problems.add(
                        "fips: signatures are made by " + signs.getName()
                                + " (expected: BCFIPS or ACCP-FIPS first in the list of providers); set security.provider.1 in "
                                + "java.security, such as security.provider.1=org.bouncycastle.jcajce.provider.BouncyCastleFipsProvider");
            }
            if (tls.getName().equals(BC_TLS)) {
                if (!isTrue(tls, "isFipsMode")) {
                    problems.add(
                            "fips: BCJSSE is not in FIPS mode; name it with its argument: "
                                    + "security.provider.2=org.bouncycastle.jsse.provider.BouncyCastleJsseProvider fips:BCFIPS");
                }
            } else if (!signs.getName().equals(ACCP)) {
                problems.add(
                        "fips: TLS is done by " + tls.getName()
                                + " (expected: BCJSSE in FIPS mode, or ACCP-FIPS under the "
                                + "JDK's); set security.provider.2=org.bouncycastle.jsse.provider.BouncyCastleJsseProvider fips:BCFIPS");
            }
            if (problems.isEmpty()) {
                return JcaBackend.validated(tls);
            }
        } catch (GeneralSecurityException e) {
            throw new MeshConfigException("fips: the providers of this JVM cannot be used", e);
        }
        throw new MeshConfigException("the mesh cannot start", problems);
    }

    private static boolean isValidated(Provider provider) {
        return provider.getName().equals(BC_FIPS) || (provider.getName().equals(ACCP) && isTrue(provider, "isFips"));
    }

    private static boolean isTrue(Provider provider, String claim) {
        try {
            return Boolean.TRUE.equals(provider.getClass().getMethod(claim).invoke(provider));
        } catch (NoSuchMethodException | IllegalAccessException | InvocationTargetException e) {
            return false;
        }
    }
}
