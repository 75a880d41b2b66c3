package io.intramesh.internal.document;

import io.intramesh.model.ClientPolicy;
import io.intramesh.model.ListenerTls;
import io.intramesh.model.TlsCertificate;
import io.intramesh.model.TlsTrust;
import io.intramesh.model.TlsValidation;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds TLS of listeners and of client policies. */
final class TlsBinder {
    private TlsBinder() {}

    static @Nullable ListenerTls listenerTls(Fields listener) {
        Fields fields = listener.object("tls");
        if (fields == null) {
            return null;
        }
        ListenerTls.Mode mode = fields.requiredChoice("mode", ListenerTls.Mode.values(), ListenerTls.Mode::name);
        Fields union = fields.requiredObject("certificate");
        TlsCertificate certificate = union == null ? null : certificate(union, "acm", "file", "sds");
        TlsValidation validation = validation(fields.object("validation"), "file", "sds");
        fields.end();
        return mode == null || certificate == null ? null : new ListenerTls(mode, certificate, validation);
    }

    /** Binds the member {@code clientPolicy}; null where it is absent. */
    static @Nullable ClientPolicy clientPolicy(Fields holder) {
        Fields policy = holder.object("clientPolicy");
        if (policy == null) {
            return null;
        }
        Fields fields = policy.object("tls");
        ClientPolicy.Tls tls = null;
        if (fields != null) {
            tls = clientTls(fields);
        }
        policy.end();
        return new ClientPolicy(tls);
    }

    private static ClientPolicy.@Nullable Tls clientTls(Fields fields) {
        boolean enforce = fields.bool("enforce", true);
        List<Integer> ports = fields.list("ports", 0, Integer.MAX_VALUE, (item, path) -> {
            Long port = Fields.number(item, path, 1, 65_535, "", fields.context());
            return port == null ? null : Math.toIntExact(port);
        });
        Fields union = fields.object("certificate");
        TlsCertificate certificate = union == null ? null : certificate(union, "file", "sds");
        TlsValidation validation = validation(fields.requiredObject("validation"), "acm", "file", "sds");
        fields.end();
        return validation == null ? null : new ClientPolicy.Tls(enforce, ports, certificate, validation);
    }

    static @Nullable TlsCertificate certificate(Fields union, String... members) {
        String member = union.keepPlace("acm").oneOf(members);
        Fields fields = member == null ? null : union.object(member);
        union.end();
        if (member == null || fields == null) {
            return null;
        }
        TlsCertificate certificate = null;
        switch (member) {
            case "acm" -> {
                String arn = fields.requiredText("certificateArn", 1, Integer.MAX_VALUE);
                certificate = arn == null ? null : new TlsCertificate.Acm(arn);
            }
            case "file" -> {
                String chain = fields.requiredText("certificateChain", 1, TlsCertificate.MAX_PATH_LENGTH);
                String key = fields.requiredText("privateKey", 1, TlsCertificate.MAX_PATH_LENGTH);
                certificate = chain == null || key == null ? null : new TlsCertificate.File(chain, key);
            }
            default -> {
                String secret = fields.requiredText("secretName", 1, Integer.MAX_VALUE);
                certificate = secret == null ? null : new TlsCertificate.Sds(secret);
            }
        }
        fields.end();
        return certificate;
    }

    private static @Nullable TlsValidation validation(@Nullable Fields fields, String... trusts) {
        if (fields == null) {
            return null;
        }
        Fields union = fields.requiredObject("trust");
        TlsTrust trust = union == null ? null : trust(union, trusts);
        List<String> names = subjectAlternativeNames(fields.object("subjectAlternativeNames"));
        fields.end();
        return trust == null ? null : fields.build(() -> new TlsValidation(trust, names));
    }

    static @Nullable TlsTrust trust(Fields union, String... members) {
        String member = union.keepPlace("acm").oneOf(members);
        Fields fields = member == null ? null : union.object(member);
        union.end();
        if (member == null || fields == null) {
            return null;
        }
        TlsTrust trust = null;
        switch (member) {
            case "acm" -> {
                List<String> arns = fields.requiredList(
                        "certificateAuthorityArns",
                        1,
                        3,
                        (item, path) -> Fields.text(item, path, 1, Integer.MAX_VALUE, fields.context()));
                // A wrong number of them is reported already; the record would report it again.
                trust = arns.isEmpty() || arns.size() > 3 ? null : new TlsTrust.Acm(arns);
            }
            case "file" -> {
                String chain = fields.requiredText("certificateChain", 1, TlsCertificate.MAX_PATH_LENGTH);
                trust = chain == null ? null : new TlsTrust.File(chain);
            }
            default -> {
                String secret = fields.requiredText("secretName", 1, Integer.MAX_VALUE);
                trust = secret == null ? null : new TlsTrust.Sds(secret);
            }
        }
        fields.end();
        return trust;
    }

    private static List<String> subjectAlternativeNames(@Nullable Fields fields) {
        if (fields == null) {
            return List.of();
        }
        List<String> names = List.of();
        Fields match = fields.requiredObject("match");
        if (match != null) {
            names = match.requiredList(
                    "exact",
                    0,
                    Integer.MAX_VALUE,
                    (item, path) -> Fields.text(item, path, 1, TlsValidation.MAX_NAME_LENGTH, match.context()));
            match.end();
        }
        fields.end();
        return names;
    }
}
