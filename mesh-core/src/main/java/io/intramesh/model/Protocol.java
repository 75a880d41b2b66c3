package io.intramesh.model;

/** Protocol of a listener or route. */
public enum Protocol {
    HTTP("http"),
    HTTP2("http2"),
    GRPC("grpc"),
    TCP("tcp");

    private final String text;

    Protocol(String text) {
        this.text = text;
    }

    /** Returns the name that documents use. */
    public String text() {
        return text;
    }

    /** Tells whether the wire speaks HTTP/2, as http2 and grpc do. */
    public boolean isHttp2OnTheWire() {
        return this == HTTP2 || this == GRPC;
    }
}
