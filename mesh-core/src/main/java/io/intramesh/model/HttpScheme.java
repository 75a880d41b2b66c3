package io.intramesh.model;

/** Schemes that an http2 route can ask for. */
public enum HttpScheme {
    HTTP("http"),
    HTTPS("https");

    private final String text;

    HttpScheme(String text) {
        this.text = text;
    }

    /** Returns the name that documents and requests use. */
    public String text() {
        return text;
    }
}
