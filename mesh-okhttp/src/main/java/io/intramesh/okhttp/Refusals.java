package io.intramesh.okhttp;

import io.intramesh.MeshCallException;
import io.intramesh.Reason;
import io.intramesh.call.Refusal;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import okhttp3.MediaType;
import okhttp3.Protocol;
import okhttp3.Request;
import okhttp3.Response;
import okhttp3.ResponseBody;
import org.jspecify.annotations.Nullable;

/** Refusals of the mesh in the shape of responses. */
final class Refusals {
    private static final @Nullable MediaType PROBLEM_JSON = MediaType.parse(Refusal.MEDIA_TYPE);

    private Refusals() {}

    /**
     * Returns the response that stands for a refusal. It names the reason alone: the exception's message tells about the
     * inside of the mesh, and applications pass responses on to strangers.
     */
    static Response response(Request request, MeshCallException refusal) {
        String title = title(refusal.reason());
        Refusal shown = new Refusal(refusal.reason(), refusal.status(), title);
        Response.Builder response = new Response.Builder()
                .request(request)
                .protocol(Protocol.HTTP_1_1)
                .code(shown.status())
                .message(title)
                .header("Content-Type", Refusal.MEDIA_TYPE)
                .header(Refusal.HEADER, shown.reason().name())
                .body(ResponseBody.create(shown.problemJson().getBytes(StandardCharsets.UTF_8), PROBLEM_JSON));
        if (refusal.reason() == Reason.LIMIT_REACHED) {
            response.header(Refusal.OVERLOADED_HEADER, "true");
        }
        return response.build();
    }

    /** {@code NO_HEALTHY_ENDPOINT} reads as "No healthy endpoint". */
    private static String title(Reason reason) {
        String words = reason.name().replace('_', ' ').toLowerCase(Locale.ROOT);
        return Character.toUpperCase(words.charAt(0)) + words.substring(1);
    }
}
