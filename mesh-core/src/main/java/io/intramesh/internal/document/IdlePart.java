package io.intramesh.internal.document;

/** Parts of resources that this version reads and checks, and does not act on yet. Who makes one work strikes it here. */
enum IdlePart {
    LOGGING("is read but not acted on in this version: no access log is written");

    private final String message;

    IdlePart(String message) {
        this.message = message;
    }

    String message() {
        return message;
    }
}
