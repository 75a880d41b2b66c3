package io.intramesh.cli;

import java.io.BufferedInputStream;
import java.io.ByteArrayOutputStream;
import java.io.Closeable;
import java.io.IOException;
import java.io.InputStream;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import org.jspecify.annotations.Nullable;

/**
 * Reads lines of UTF-8, each by itself: a line that is too long or wrongly encoded is known by its number, and the next one is
 * read all the same. A byte order mark before the first line is dropped.
 */
final class Lines implements Closeable {
    /** No request has a megabyte of headers. */
    static final int MAX_BYTES = 1 << 20;

    private static final String BYTE_ORDER_MARK = "\uFEFF";

    private final InputStream in;
    private int number;

    Lines(InputStream in) {
        this.in = new BufferedInputStream(in);
    }

    /** Returns the number of the line that was read last, from 1. */
    int number() {
        return number;
    }

    /** Returns the next line without its end, or null after the last one. */
    @Nullable
    String next() throws IOException, BadInputException {
        int next = in.read();
        if (next < 0) {
            return null;
        }
        number++;
        ByteArrayOutputStream line = new ByteArrayOutputStream();
        boolean isTooLong = false;
        for (; next >= 0 && next != '\n'; next = in.read()) {
            if (line.size() < MAX_BYTES) {
                line.write(next);
            } else {
                isTooLong = true;
            }
        }
        if (isTooLong) {
            throw new BadInputException("too long (expected: up to " + MAX_BYTES + " bytes)");
        }
        return decoded(line.toByteArray());
    }

    private String decoded(byte[] line) throws BadInputException {
        try {
            String text = StandardCharsets.UTF_8
                    .newDecoder()
                    .decode(ByteBuffer.wrap(line))
                    .toString();
            return number == 1 && text.startsWith(BYTE_ORDER_MARK) ? text.substring(1) : text;
        } catch (CharacterCodingException failure) {
            throw new BadInputException("not UTF-8; save the file in that encoding", failure);
        }
    }

    @Override
    public void close() throws IOException {
        in.close();
    }
}
