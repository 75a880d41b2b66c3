package io.intramesh.spring.client;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import okhttp3.Call;
import okhttp3.OkHttpClient;
import okhttp3.Request;
import org.awaitility.Awaitility;

/** OkHttp as it is, with the calls that were made through it. */
final class RecordingCalls implements Call.Factory, AutoCloseable {
    final OkHttpClient okHttp = new OkHttpClient();
    final List<Call> made = new CopyOnWriteArrayList<>();

    @Override
    public Call newCall(Request request) {
        Call call = okHttp.newCall(request);
        made.add(call);
        return call;
    }

    Call only() {
        if (made.size() != 1) {
            throw new AssertionError("calls: " + made);
        }
        return made.get(0);
    }

    /** Waits until no call runs and no connection is in use: nothing was left open. */
    void awaitAllReturned() {
        Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .until(() -> okHttp.dispatcher().runningCallsCount() == 0
                        && okHttp.connectionPool().connectionCount()
                                == okHttp.connectionPool().idleConnectionCount());
    }

    @Override
    public void close() {
        okHttp.dispatcher().executorService().shutdownNow();
        okHttp.connectionPool().evictAll();
    }
}
