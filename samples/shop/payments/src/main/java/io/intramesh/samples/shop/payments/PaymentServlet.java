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
        response.sendError(HttpServletResponse.SC_NOT_FOUND);
    }

    @Override
    protected void doPost(HttpServletRequest request, HttpServletResponse response) throws IOException {
        String amount = request.getParameter("amount");
        if (!request.getRequestURI().endsWith("/pay") || amount == null || !amount.matches("[0-9]{1,9}")) {
            response.sendError(HttpServletResponse.SC_BAD_REQUEST, "expected: POST /pay?amount=<cents>");
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
        // Says who answered, so that the runner can show how calls spread.
        response.setHeader("x-served-by", servedBy);
        response.setContentType("application/json");
        response.getOutputStream().write(json.toString().getBytes(StandardCharsets.UTF_8));
    }
}
