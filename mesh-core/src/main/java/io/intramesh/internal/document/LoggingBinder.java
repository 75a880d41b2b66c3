package io.intramesh.internal.document;

import io.intramesh.model.AccessLog;
import io.intramesh.model.AccessLog.Format;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Binds {@code logging} of virtual nodes and virtual gateways. */
final class LoggingBinder {
    private LoggingBinder() {}

    static @Nullable AccessLog accessLog(Fields spec) {
        Fields logging = spec.object("logging");
        if (logging == null) {
            return null;
        }
        Fields union = logging.object("accessLog");
        AccessLog log = null;
        if (union != null) {
            spec.noteIdle("logging", IdlePart.LOGGING);
            String member = union.oneOf("file");
            Fields file = member == null ? null : union.object(member);
            union.end();
            log = file == null ? null : file(file);
        }
        logging.end();
        return log;
    }

    private static @Nullable AccessLog file(Fields file) {
        String path = file.requiredText("path", 1, 255);
        Fields union = file.object("format");
        Format format = union == null ? null : format(union);
        file.end();
        return path == null ? null : new AccessLog(path, format);
    }

    private static @Nullable Format format(Fields union) {
        String member = union.oneOf("text", "json");
        Format format = null;
        if (member != null && member.equals("text")) {
            String pattern = union.text("text", 1, 1000);
            format = pattern == null ? null : new Format.Text(pattern);
        } else if (member != null) {
            List<AccessLog.Entry> entries =
                    union.list("json", 0, Integer.MAX_VALUE, union.objects(LoggingBinder::entry));
            format = new Format.Json(entries);
        }
        union.end();
        return format;
    }

    private static AccessLog.@Nullable Entry entry(Fields fields) {
        String key = fields.requiredText("key", 1, 100);
        String value = fields.requiredText("value", 1, 100);
        fields.end();
        return key == null || value == null ? null : new AccessLog.Entry(key, value);
    }
}
