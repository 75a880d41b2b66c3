package io.intramesh.samples.shop.runner;

import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** A line of a service's log, as its logging pattern lays it out. */
record LogLine(String time, String level, String logger, String message) {
    private static final Pattern LAYOUT =
            Pattern.compile("(\\d\\d:\\d\\d:\\d\\d\\.\\d{3}) (INFO|WARN|ERROR) +(\\S+) - (.*)");

    /** Returns the parts of a line, or null where it is none that starts an entry. */
    static @Nullable LogLine parse(String line) {
        Matcher matcher = LAYOUT.matcher(line);
        return matcher.matches()
                ? new LogLine(matcher.group(1), matcher.group(2), matcher.group(3), matcher.group(4))
                : null;
    }

    boolean isFromMesh() {
        return logger.startsWith("io.intramesh.") && !logger.startsWith("io.intramesh.samples.");
    }

    /** Who called what and was refused. */
    boolean isAudit() {
        return logger.equals("io.intramesh.audit");
    }

    boolean isWarning() {
        return !level.equals("INFO");
    }
}
