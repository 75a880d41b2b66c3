package io.intramesh.internal.document;

import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/** CloudFormation's members: the API's with a capital in front, and some in capitals altogether. */
enum CloudFormationSpelling implements Spelling {
    INSTANCE;

    private static final Map<String, String> IRREGULAR = Map.of(
            "tls", "TLS",
            "acm", "ACM",
            "sds", "SDS",
            "http", "HTTP",
            "http2", "HTTP2",
            "grpc", "GRPC",
            "tcp", "TCP",
            "dns", "DNS",
            "awsCloudMap", "AWSCloudMap");

    private static final Map<String, String> BACK = Map.of(
            "TLS", "tls",
            "ACM", "acm",
            "SDS", "sds",
            "HTTP", "http",
            "HTTP2", "http2",
            "GRPC", "grpc",
            "TCP", "tcp",
            "DNS", "dns",
            "AWSCloudMap", "awsCloudMap");

    @Override
    public String of(String member) {
        String irregular = IRREGULAR.get(member);
        if (irregular != null) {
            return irregular;
        }
        return member.isEmpty() ? member : member.substring(0, 1).toUpperCase(Locale.ROOT) + member.substring(1);
    }

    /** Returns the API's name of a member, were it written right: see {@link #right}. */
    String api(String written) {
        String irregular = BACK.get(written);
        if (irregular != null) {
            return irregular;
        }
        return written.isEmpty() ? written : written.substring(0, 1).toLowerCase(Locale.ROOT) + written.substring(1);
    }

    /** Returns how a member that is written wrong for sure should look, such as {@code Tls} or {@code httpRoute}; else null. */
    @Nullable
    String right(String written) {
        String right = of(api(written));
        return right.equals(written) ? null : right;
    }
}
