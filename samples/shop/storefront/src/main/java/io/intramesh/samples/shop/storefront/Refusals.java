package io.intramesh.samples.shop.storefront;

import io.intramesh.MeshCallException;
import org.springframework.http.HttpHeaders;
import org.springframework.http.HttpStatus;
import org.springframework.http.MediaType;
import org.springframework.http.ResponseEntity;
import org.springframework.web.bind.annotation.ExceptionHandler;
import org.springframework.web.bind.annotation.RestControllerAdvice;
import org.springframework.web.client.ResourceAccessException;
import org.springframework.web.client.RestClientResponseException;

/** Tells the browser why there is no answer: a refusal of the mesh is an exception with a reason, never a response. */
@RestControllerAdvice
final class Refusals {
    /** Who was refused what and why: {@code storefront ads.example EGRESS_DENIED}. */
    static final String HEADER = "x-shop-refused";

    /** The mesh did not let a call of ours out, or did not bring it through. */
    @ExceptionHandler
    ResponseEntity<String> refused(ResourceAccessException failure) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(HttpStatus.BAD_GATEWAY).contentType(MediaType.TEXT_PLAIN);
        if (failure.getCause() instanceof MeshCallException refusal) {
            answer.header(HEADER, "storefront " + refusal.reason());
            return answer.body(String.valueOf(refusal.getMessage()));
        }
        return answer.body(String.valueOf(failure.getMessage()));
    }

    /**
     * A service behind us answered that it failed; if the mesh refused it a call, it says so. The mesh before it may have
     * refused ours, too: then its answer carries the mesh's own header.
     */
    @ExceptionHandler
    ResponseEntity<String> failedBehindUs(RestClientResponseException failure) {
        ResponseEntity.BodyBuilder answer =
                ResponseEntity.status(HttpStatus.BAD_GATEWAY).contentType(MediaType.TEXT_PLAIN);
        HttpHeaders headers = failure.getResponseHeaders();
        String refused = headers == null ? null : headers.getFirst(HEADER);
        String byTheCallee = headers == null ? null : headers.getFirst("x-mesh-refusal");
        if (refused != null) {
            answer.header(HEADER, refused);
        } else if (byTheCallee != null) {
            answer.header(HEADER, "storefront " + byTheCallee);
        }
        return answer.body(failure.getResponseBodyAsString());
    }
}
