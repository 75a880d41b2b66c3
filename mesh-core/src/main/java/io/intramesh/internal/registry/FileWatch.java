package io.intramesh.internal.registry;

import static java.util.Objects.requireNonNull;

import io.intramesh.document.RawDocument;
import io.intramesh.internal.registry.DocumentFiles.Content;
import io.intramesh.internal.registry.DocumentFiles.Stamp;
import io.intramesh.internal.time.NanoClock;
import io.intramesh.registry.MeshRegistry.Observer;
import java.io.IOException;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/*
 * Looks at the files again and again. Events of the operating system would tell sooner, but they do not come from network
 * file systems, overlays and some container mounts, they miss what lies behind a link, their number per user is bounded, and
 * the JDK's watch service adds a thread of its own; and since a look every 250 ms is needed anyway where they do not come, and
 * is soon enough, they would only be a second way to break. A look costs one stat per file. The pause after it is nine times
 * what it took, so that looking takes at most a tenth of a core, but never longer than half a second: ten thousand files take
 * a tenth of a second on a busy machine, and must be live within one, too.
 *
 * A change is taken when it has come to rest: when two looks 100 ms apart saw the same files with the same content. That
 * makes one delivery of a change of many files, and keeps a file that is being written from being read half. A file that
 * never rests is taken as it is after five such looks.
 *
 * A stat can hide a change: where time stamps are coarse (2 s on FAT, 1 s on old NFS, a tick of the kernel elsewhere), a
 * second write of the same size soon after the first leaves it as it was. Git calls such files "racily clean" [1]. So a file
 * is read at every look for the first two seconds after its stat changed, and its bytes decide.
 *
 * [1] Git documentation, technical/racy-git.
 */
public final class FileWatch implements AutoCloseable {
    private static final Logger log = LoggerFactory.getLogger(FileWatch.class);

    private static final Duration REST = Duration.ofMillis(100);
    private static final int MAX_LOOKS = 5;
    private static final int SHARE_OF_TIME = 9;
    private static final Duration LONGEST_STRETCHED_PAUSE = Duration.ofMillis(500);
    private static final Duration COARSEST_TIMESTAMP = Duration.ofSeconds(2);
    private static final long CLOSE_WAIT_MILLIS = 5_000;

    private final DocumentFiles files;
    private final Duration interval;
    private final Observer observer;
    private final NanoClock clock = NanoClock.system();
    private final CountDownLatch closed = new CountDownLatch(1);
    private final Thread thread;

    // Only the thread below.
    private final Map<String, Long> changedAt = new HashMap<>();
    private @Nullable Content taken;
    private @Nullable List<RawDocument> delivered;
    private @Nullable String failure;

    /**
     * @param interval pause between two looks
     */
    public FileWatch(DocumentFiles files, Duration interval, Observer observer) {
        this.files = files;
        this.interval = interval;
        this.observer = observer;
        thread = new Thread(this::run, "intramesh-registry");
        thread.setDaemon(true);
    }

    public void start() {
        thread.start();
    }

    /** Ends the watch. No delivery comes after this returns, unless the observer has not come back for five seconds. */
    @Override
    public void close() {
        closed.countDown();
        if (Thread.currentThread() == thread) {
            return;
        }
        try {
            thread.join(CLOSE_WAIT_MILLIS);
            if (thread.isAlive()) {
                log.warn("registry thread still busy after={}ms", CLOSE_WAIT_MILLIS);
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
        }
    }

    private void run() {
        // A mesh that starts waits for this: so no rest, but two looks in a row have to agree.
        Look first = look();
        Look second = look();
        conclude(second.equals(first) ? second : rest(second));
        long pause = interval.toNanos();
        while (!isClosedAfter(pause)) {
            long began = clock.nanoTime();
            Look look = look();
            long stretched = SHARE_OF_TIME * (clock.nanoTime() - began);
            pause = Math.max(interval.toNanos(), Math.min(stretched, LONGEST_STRETCHED_PAUSE.toNanos()));
            if (isNews(look)) {
                conclude(rest(look));
            }
        }
    }

    private Look look() {
        try {
            Content content = files.read(trusted());
            return content.isEmpty() ? new Look(null, files.explainEmpty()) : new Look(content, null);
        } catch (IOException e) {
            return new Look(null, files.explain(e));
        } catch (RuntimeException e) {
            log.error("registry not read registry=\"{}\"", files.describe(), e);
            return new Look(null, files.describe() + ": cannot be read (" + e + "); see the log");
        }
    }

    /** Returns what was taken, without the files whose stat may hide a change. */
    private @Nullable Content trusted() {
        Content known = taken;
        if (known == null || changedAt.isEmpty()) {
            return known;
        }
        long now = clock.nanoTime();
        long distrust = COARSEST_TIMESTAMP.plus(interval).toNanos();
        changedAt.values().removeIf(changed -> now - changed > distrust);
        Map<String, Stamp> trusted = new HashMap<>(known.files());
        trusted.keySet().removeAll(changedAt.keySet());
        return new Content(trusted, known.byName());
    }

    private boolean isNews(Look look) {
        return look.failure == null
                ? failure != null || !requireNonNull(look.content).equals(taken)
                : !look.failure.equals(failure);
    }

    /** Looks until two looks agree, but not for ever. */
    private Look rest(Look first) {
        Look last = first;
        for (int looks = 0; looks < MAX_LOOKS && !isClosedAfter(REST.toNanos()); looks++) {
            Look next = look();
            if (next.equals(last)) {
                return next;
            }
            last = next;
        }
        return last;
    }

    private void conclude(Look look) {
        if (closed.getCount() == 0 || !isNews(look)) {
            return;
        }
        if (look.failure != null) {
            failure = look.failure;
            tell(() -> observer.readFailed(look.failure));
            return;
        }
        Content content = requireNonNull(look.content);
        noteChanges(content);
        taken = content;
        List<RawDocument> documents = content.documents();
        // After a failure the same documents are delivered again: that is how the observer learns that all is well.
        if (failure != null || !documents.equals(delivered)) {
            failure = null;
            delivered = documents;
            tell(() -> observer.documentsChanged(documents));
        }
    }

    private void noteChanges(Content content) {
        Content before = taken;
        long now = clock.nanoTime();
        changedAt.keySet().retainAll(content.files().keySet());
        content.files().forEach((name, stamp) -> {
            boolean isSame = before != null
                    && stamp.equals(before.files().get(name))
                    && Objects.equals(
                            content.byName().get(name), before.byName().get(name));
            if (!isSame) {
                changedAt.put(name, now);
            }
        });
    }

    private void tell(Runnable delivery) {
        try {
            delivery.run();
        } catch (RuntimeException e) {
            log.error("registry observer failed registry=\"{}\"", files.describe(), e);
        }
    }

    private boolean isClosedAfter(long nanos) {
        try {
            return closed.await(nanos, TimeUnit.NANOSECONDS);
        } catch (InterruptedException e) {
            // Nobody but the owner of this thread may end it, and the owner uses the latch.
            return closed.getCount() == 0;
        }
    }

    /** What one look saw: content, or why there is none. */
    private record Look(@Nullable Content content, @Nullable String failure) {}
}
