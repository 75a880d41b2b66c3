package io.intramesh.samples.shop.orders;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.intramesh.MeshCallException;
import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Pattern;
import okhttp3.Call;
import okhttp3.Request;
import okhttp3.RequestBody;
import okhttp3.Response;
import org.jspecify.annotations.Nullable;

/** Reserves the goods and takes the money: two calls through the mesh for each order. */
final class OrderServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private static final Pattern SKU = Pattern.compile("[a-z]{1,20}");
    private static final ObjectMapper JSON = new ObjectMapper();
    private static final RequestBody NOTHING = RequestBody.create(new byte[0]);

    /** Who was refused what and why: {@code orders NO_ROUTE}. */
    private static final String REFUSED_HEADER = "x-shop-refused";

    /** Every call behind an answer: {@code inventory.local/stock inventory, payments.local/beta payments-v2}. */
    private static final String HOPS_HEADER = "x-shop-hops";

    // A servlet is Serializable by inheritance only; nobody writes this one.
    private final transient Call.Factory mesh;
    private final AtomicLong orders = new AtomicLong();

    OrderServlet(Call.Factory mesh) {
        this.mesh = mesh;
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        response.setHeader("x-served-by", "orders");
        try {
            switch (request.getRequestURI()) {
                case "/orders" -> order(request, response);
                case "/refunds" -> refund(response);
                default -> answer(response, HttpServletResponse.SC_NOT_FOUND, "text/plain", "no such page\n");
            }
        } catch (MeshCallException e) {
            response.setHeader(REFUSED_HEADER, "orders " + e.reason());
            answer(response, HttpServletResponse.SC_BAD_GATEWAY, "text/plain", String.valueOf(e.getMessage()));
        }
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // The listener's health check comes here too: its path is unknown to us, so the mesh answers it.
        answer(response, HttpServletResponse.SC_NOT_FOUND, "text/plain", "no such page\n");
    }

    private void order(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String sku = request.getParameter("sku");
        if (sku == null || !SKU.matcher(sku).matches()) {
            answer(response, HttpServletResponse.SC_BAD_REQUEST, "text/plain", "sku: expected " + SKU + "\n");
            return;
        }
        Answer reserved = post("http://inventory.local/stock/" + sku + "/reservations", null);
        if (!reserved.isSuccessful()) {
            answer(
                    response,
                    HttpServletResponse.SC_BAD_GATEWAY,
                    "text/plain",
                    "inventory: " + reserved.status() + "\n");
            return;
        }
        boolean beta = Boolean.parseBoolean(request.getParameter("beta"));
        Answer paid = post(
                "http://payments.local" + (beta ? "/beta/pay" : "/pay") + "?amount="
                        + reserved.body().path("cents").asInt(),
                request.getHeader("x-shop-tester"));
        if (!paid.isSuccessful()) {
            answer(response, HttpServletResponse.SC_BAD_GATEWAY, "text/plain", "payments: " + paid.status() + "\n");
            return;
        }
        response.setHeader(
                HOPS_HEADER,
                "inventory.local/stock " + reserved.servedBy() + ", payments.local" + (beta ? "/beta " : "/pay ")
                        + paid.servedBy());
        ObjectNode order = JSON.createObjectNode().put("order", orders.incrementAndGet());
        order.set("item", reserved.body());
        order.set("paid", paid.body());
        answer(response, HttpServletResponse.SC_CREATED, "application/json", order.toString());
    }

    private void refund(HttpServletResponse response) throws IOException {
        Answer refunded = post("http://payments.local/refunds", null);
        answer(response, refunded.status(), "application/json", refunded.body().toString());
    }

    private Answer post(String url, @Nullable String tester) throws IOException {
        Request.Builder request = new Request.Builder().url(url).post(NOTHING);
        if (tester != null) {
            request.header("x-shop-tester", tester);
        }
        try (Response response = mesh.newCall(request.build()).execute()) {
            return new Answer(
                    response.code(),
                    response.header("x-served-by", "?"),
                    JSON.readTree(response.body().byteStream()));
        }
    }

    private static void answer(HttpServletResponse response, int status, String type, String body) throws IOException {
        response.setStatus(status);
        response.setContentType(type);
        response.setCharacterEncoding(StandardCharsets.UTF_8);
        response.getOutputStream().write(body.getBytes(StandardCharsets.UTF_8));
    }

    /** What a service behind this one said. */
    private record Answer(int status, @Nullable String servedBy, JsonNode body) {
        boolean isSuccessful() {
            return status >= 200 && status < 300;
        }
    }
}
