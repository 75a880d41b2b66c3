package io.intramesh.samples.shop.payments;

import jakarta.servlet.http.HttpServlet;
import jakarta.servlet.http.HttpServletRequest;
import jakarta.servlet.http.HttpServletResponse;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.atomic.AtomicLong;

/** Answers {@code POST …/pay?amount=<cents>}. The second version adds a receipt. */
final class PaymentServlet extends HttpServlet {
    private static final long serialVersionUID = 1L;

    private final String version;
    private final String servedBy;
    private final AtomicLong payments = new AtomicLong();

    PaymentServlet(String version, String servedBy) {
        this.version = version;
        this.servedBy = servedBy;
    }

    @Override
    protected void doGet(HttpServletRequest request, HttpServletResponse response) throws IOException {
        // The listener's health check comes here too: its path is unknown to us, so the mesh answers it.
        answer(response, HttpServletResponse.SC_NOT_FOUND, "{\"error\":\"no such page\"}");
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String amount = request.getParameter("amount");
        if (!request.getRequestURI().endsWith("/pay")) {
            answer(response, HttpServletResponse.SC_NOT_FOUND, "{\"error\":\"payments knows no such page\"}");
            return;
        }
        if (amount == null || !amount.matches("[0-9]{1,9}")) {
            answer(response, HttpServletResponse.SC_BAD_REQUEST, "{\"error\":\"amount: expected cents\"}");
            return;
        }
        String payment = version + "-" + payments.incrementAndGet();
        StringBuilder json = new StringBuilder()
                .append("{\"payment\":\"")
                .append(payment)
                .append("\",\"cents\":")
                .append(amount);
        if (version.equals("v2")) {
            json.append(",\"receipt\":\"/receipts/").append(payment).append('"');
        }
        json.append('}');
        answer(response, HttpServletResponse.SC_OK, json.toString());
    }

    private void answer(HttpServletResponse response, int status, String json) throws IOException {
        // Says who answered, so that the runner can show how calls spread.
        response.setHeader("x-served-by", servedBy);
        response.setStatus(status);
        response.setContentType("application/json");
        response.getOutputStream().write(json.getBytes(StandardCharsets.UTF_8));
    }
}
