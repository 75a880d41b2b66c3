package io.intramesh.model;

/** Which address family callers use, by App Mesh's names (which mix case: {@link #text()}). */
public enum IpPreference {
    IPV6_PREFERRED("IPv6_PREFERRED"),
    IPV4_PREFERRED("IPv4_PREFERRED"),
    IPV4_ONLY("IPv4_ONLY"),
    IPV6_ONLY("IPv6_ONLY");

    private final String text;

    IpPreference(String text) {
        this.text = text;
    }

    /** Returns the name that documents use. */
    public String text() {
        return text;
    }
}
