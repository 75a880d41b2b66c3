package io.intramesh.cli;

import io.intramesh.model.PortMapping;

/**
 * A host and, where one is written down, its port.
 *
 * @param host an IPv6 address keeps its brackets
 * @param port -1 where none is written
 */
record Authority(String host, int port) {

    /** Reads {@code host}, {@code host:port}, {@code [::1]} or {@code [::1]:port}. */
    static Authority parse(String text) throws BadInputException {
        int bracket = text.lastIndexOf(']');
        int colon = text.indexOf(':', bracket + 1);
        String host = colon < 0 ? text : text.substring(0, colon);
        if (host.isEmpty()) {
            throw new BadInputException("host: none in '" + text + "' (expected: a name, such as payments.local)");
        }
        boolean isBracketed = host.startsWith("[") && host.endsWith("]");
        for (int i = 0; i < host.length(); i++) {
            char c = host.charAt(i);
            boolean isOdd = c <= ' ' || c == 0x7f || "/?#@\\".indexOf(c) >= 0 || (!isBracketed && "[]".indexOf(c) >= 0);
            if (isOdd) {
                throw new BadInputException("host: '" + text + "' (expected: a name, such as payments.local)");
            }
        }
        return new Authority(host, colon < 0 ? -1 : port(text.substring(colon + 1)));
    }

    private static int port(String text) throws BadInputException {
        boolean isNumber = !text.isEmpty() && text.length() <= 5 && text.chars().allMatch(c -> c >= '0' && c <= '9');
        return checkedPort(isNumber ? Integer.parseInt(text) : -1, text);
    }

    /** Returns the port, if it is one. */
    static int checkedPort(int port, String asWritten) throws BadInputException {
        if (port < 1 || port > PortMapping.MAX_PORT) {
            throw new BadInputException("port: " + asWritten + " (expected: 1 to " + PortMapping.MAX_PORT + ")");
        }
        return port;
    }
}
