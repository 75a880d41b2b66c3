package io.intramesh.discovery.cloudmap;

import io.intramesh.model.ServiceDiscovery.CloudMap;
import java.io.IOException;
import java.net.ConnectException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.net.UnknownHostException;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import software.amazon.awssdk.awscore.exception.AwsServiceException;
import software.amazon.awssdk.core.exception.SdkClientException;
import software.amazon.awssdk.services.servicediscovery.model.NamespaceNotFoundException;
import software.amazon.awssdk.services.servicediscovery.model.RequestLimitExceededException;
import software.amazon.awssdk.services.servicediscovery.model.ServiceNotFoundException;

/** Says in words what became of a call to Cloud Map. The words hold no request id, so that the same failure reads the same. */
final class CloudMapFailures {
    /** Codes of requests whose signature or identity is not accepted, common to all AWS APIs. */
    private static final Set<String> WRONG_CREDENTIALS = Set.of(
            "UnrecognizedClientException",
            "InvalidClientTokenId",
            "InvalidSignatureException",
            "SignatureDoesNotMatch",
            "IncompleteSignature",
            "MissingAuthenticationToken",
            "MissingAuthenticationTokenException",
            "ExpiredToken",
            "ExpiredTokenException");

    private static final Set<String> DENIED = Set.of("AccessDenied", "AccessDeniedException", "NotAuthorized");
    private static final String SETTING = "intramesh.discovery.cloud-map.";

    private CloudMapFailures() {}

    /** The caller is known, but may not ask that. */
    static final class Refused extends IOException {
        Refused(String message, Throwable cause) {
            super(message, cause);
        }
    }

    /** Returns the failure of a call; what is no failure of Cloud Map or of the way there is thrown on. */
    static IOException of(RuntimeException failure, CloudMap service, String region, @Nullable URI endpoint) {
        String what = "serviceDiscovery.awsCloudMap " + service.namespaceName() + "/" + service.serviceName() + ": ";
        if (failure instanceof AwsServiceException answered) {
            String code = answered.awsErrorDetails() == null
                    ? ""
                    : String.valueOf(answered.awsErrorDetails().errorCode());
            if (DENIED.contains(code)) {
                return new Refused(
                        what + "these AWS credentials may not ask Cloud Map (" + code
                                + "); allow servicediscovery:DiscoverInstances",
                        failure);
            }
            return new IOException(what + answered(answered, code, service, region), failure);
        }
        if (failure instanceof SdkClientException unanswered) {
            return new IOException(what + unanswered(unanswered, region, endpoint), failure);
        }
        throw failure;
    }

    private static String answered(AwsServiceException failure, String code, CloudMap service, String region) {
        if (failure instanceof NamespaceNotFoundException) {
            return "Cloud Map has no namespace '" + service.namespaceName() + "' in " + region
                    + "; correct namespaceName, or set " + SETTING + "region";
        }
        if (failure instanceof ServiceNotFoundException) {
            return "Cloud Map has no service '" + service.serviceName() + "' in namespace '" + service.namespaceName()
                    + "' in " + region + "; correct serviceName, or create it";
        }
        if (failure instanceof RequestLimitExceededException || failure.isThrottlingException()) {
            return "Cloud Map has too many questions from this account; raise " + SETTING
                    + "interval, or the account's quota for DiscoverInstances";
        }
        if (WRONG_CREDENTIALS.contains(code)) {
            return "Cloud Map in " + region + " does not accept these AWS credentials (" + code
                    + "); correct them, or set " + SETTING + "region";
        }
        return "Cloud Map in " + region + " answers " + failure.statusCode() + (code.isEmpty() ? "" : " " + code)
                + "; look at the status of AWS if it lasts";
    }

    private static String unanswered(SdkClientException failure, String region, @Nullable URI endpoint) {
        String message = String.valueOf(failure.getMessage());
        if (message.toLowerCase(Locale.ROOT).startsWith("unable to load credentials")) {
            return "no AWS credentials are found; give the process a role, or set AWS_ACCESS_KEY_ID and"
                    + " AWS_SECRET_ACCESS_KEY";
        }
        String place = endpoint == null ? "Cloud Map in " + region : "Cloud Map at " + endpoint;
        for (Throwable cause = failure.getCause(); cause != null; cause = cause.getCause()) {
            if (cause instanceof UnknownHostException) {
                return place + " has no address; correct " + SETTING + (endpoint == null ? "region" : "endpoint");
            }
            if (cause instanceof SocketTimeoutException) {
                return place + " does not answer in time; look at the way there, or set " + SETTING + "endpoint";
            }
            if (cause instanceof ConnectException) {
                return place + " cannot be reached; look at the way there, or set " + SETTING + "endpoint";
            }
            if (cause instanceof IOException) {
                return place + " broke off (" + cause.getClass().getSimpleName() + "); look at the way there";
            }
        }
        return place + " cannot be asked: " + message;
    }
}
