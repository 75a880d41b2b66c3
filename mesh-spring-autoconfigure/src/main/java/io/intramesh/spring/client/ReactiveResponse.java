package io.intramesh.spring.client;

import java.net.HttpCookie;
import java.util.List;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;
import org.springframework.core.io.buffer.DataBuffer;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatusCode;
import org.springframework.http.ResponseCookie;
import org.springframework.http.client.reactive.ClientHttpResponse;
import org.springframework.util.CollectionUtils;
import org.springframework.util.LinkedMultiValueMap;
import org.springframework.util.MultiValueMap;
import reactor.core.publisher.Flux;

/**
 * Response of a reactive client. Not Spring's own base class, which answers a second subscription with an exception that no
 * subscriber sees: Spring itself subscribes a second time after a body has failed.
 */
final class ReactiveResponse implements ClientHttpResponse {
    // The JDK's parser drops this attribute. No nested repetition, so that the time is linear in the header.
    private static final Pattern SAME_SITE =
            Pattern.compile(";\\s*samesite\\s*=\\s*(strict|lax|none)\\s*(?:;|$)", Pattern.CASE_INSENSITIVE);

    private static final MultiValueMap<String, ResponseCookie> NO_COOKIES =
            CollectionUtils.unmodifiableMultiValueMap(new LinkedMultiValueMap<>());

    private final HttpStatusCode status;
    private final HttpHeaders headers;
    private final MultiValueMap<String, ResponseCookie> cookies;
    private final Flux<DataBuffer> body;

    ReactiveResponse(Response response, Flux<DataBuffer> body) {
        this.status = HttpStatusCode.valueOf(response.code());
        this.headers = HttpHeaders.readOnlyHttpHeaders(OkHttpRequests.headers(response));
        this.cookies = cookies(response.headers(HttpHeaders.SET_COOKIE));
        this.body = body;
    }

    @Override
    public HttpStatusCode getStatusCode() {
        return status;
    }

    @Override
    public HttpHeaders getHeaders() {
        return headers;
    }

    @Override
    public MultiValueMap<String, ResponseCookie> getCookies() {
        return cookies;
    }

    @Override
    public Flux<DataBuffer> getBody() {
        return body;
    }

    private static MultiValueMap<String, ResponseCookie> cookies(List<String> lines) {
        if (lines.isEmpty()) {
            return NO_COOKIES;
        }
        MultiValueMap<String, ResponseCookie> cookies = new LinkedMultiValueMap<>();
        for (String line : lines) {
            for (HttpCookie cookie : parse(line)) {
                cookies.add(
                        cookie.getName(),
                        ResponseCookie.fromClientResponse(cookie.getName(), cookie.getValue())
                                .domain(cookie.getDomain())
                                .path(cookie.getPath())
                                .maxAge(cookie.getMaxAge())
                                .secure(cookie.getSecure())
                                .httpOnly(cookie.isHttpOnly())
                                .sameSite(sameSite(line))
                                .build());
            }
        }
        return CollectionUtils.unmodifiableMultiValueMap(cookies);
    }

    private static List<HttpCookie> parse(String line) {
        try {
            return HttpCookie.parse(line);
        } catch (IllegalArgumentException e) {
            // The header itself stays readable; a cookie that breaks the syntax must not fail the call.
            return List.of();
        }
    }

    private static @Nullable String sameSite(String line) {
        Matcher matcher = SAME_SITE.matcher(line);
        if (!matcher.find()) {
            return null;
        }
        String value = matcher.group(1).toLowerCase(Locale.ROOT);
        return Character.toUpperCase(value.charAt(0)) + value.substring(1);
    }
}
