package io.intramesh.registry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.intramesh.document.RawDocument;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.FileTime;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.awaitility.Awaitility;
import org.awaitility.core.ConditionFactory;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** On real files. Nothing here waits for a fixed time; what must not come is told by what comes after it. */
final class FileRegistryTest {
    private static final Duration OFTEN = Duration.ofMillis(20);

    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    private final Recorder recorder = new Recorder();
    private @Nullable FileRegistry registry;

    @AfterEach
    void close() {
        if (registry != null) {
            registry.close();
        }
    }

    // ---- What is read

    @Test
    void aFolderIsReadWithAllBelowItInTheOrderOfTheNames() throws IOException {
        write("b.yaml", "b");
        write("a.yml", "a");
        write("c.JSON", "c");
        write("teams/x/orders.yaml", "orders");
        write("notes.txt", "no");
        write(".hidden.yaml", "no");
        write(".git/config.yaml", "no");
        write("b.yaml~", "no");

        assertThat(FileRegistry.documents(folder))
                .containsExactly(
                        RawDocument.of("a.yml", "a"),
                        RawDocument.of("b.yaml", "b"),
                        RawDocument.of("c.JSON", "c"),
                        RawDocument.of("teams/x/orders.yaml", "orders"));
    }

    @Test
    void terraformsOwnFilesAreDeliveredForANoteAndItsBinaryPlansWithoutTheirContent() throws IOException {
        write("main.tf", "resource");
        write("x.tfplan", "binary");
        write("terraform.tfstate", "state");
        write("terraform.tfstate.backup", "no");

        assertThat(FileRegistry.documents(folder))
                .containsExactly(
                        RawDocument.of("main.tf", "resource"),
                        RawDocument.of("terraform.tfstate", "state"),
                        RawDocument.of("x.tfplan", ""));
    }

    @Test
    void aSingleFileIsReadWhateverItsEnding() throws IOException {
        write("mesh.conf", "mesh");

        assertThat(FileRegistry.documents(folder.resolve("mesh.conf")))
                .containsExactly(RawDocument.of("mesh.conf", "mesh"));
    }

    @Test
    void aFolderWithoutDocumentsIsEmpty() throws IOException {
        assertThat(FileRegistry.documents(folder)).isEmpty();
    }

    @Test
    void linksAreFollowedAndLoopsOfLinksEnd() throws IOException {
        write("real/a.yaml", "a");
        Files.createSymbolicLink(folder.resolve("real/up"), folder);
        Files.createSymbolicLink(folder.resolve("real/self"), folder.resolve("real"));
        Files.createSymbolicLink(folder.resolve("z.yaml"), folder.resolve("real/a.yaml"));

        assertThat(FileRegistry.documents(folder))
                .containsExactly(RawDocument.of("real/a.yaml", "a"), RawDocument.of("z.yaml", "a"));
    }

    @Test
    void aMissingPathSaysSoAndHowToMendIt() {
        Path missing = folder.resolve("missing");

        assertThatThrownBy(() -> FileRegistry.documents(missing))
                .isInstanceOf(IOException.class)
                .hasMessage(
                        "folder " + missing + ": no such file or folder; create it, or correct the registry's path");
    }

    @Test
    void aLinkThatLeadsNowhereIsNamed() throws IOException {
        write("a.yaml", "a");
        Files.createSymbolicLink(folder.resolve("b.yaml"), folder.resolve("gone.yaml"));

        assertThatThrownBy(() -> FileRegistry.documents(folder))
                .hasMessageContaining("folder " + folder + ": ")
                .hasMessageContaining("b.yaml: no such file");
    }

    @Test
    void tooMuchIsRefusedBeforeItIsRead() throws IOException {
        try (RandomAccessFile sparse =
                new RandomAccessFile(folder.resolve("big.yaml").toFile(), "rw")) {
            sparse.setLength(257L << 20);
        }

        assertThatThrownBy(() -> FileRegistry.documents(folder)).hasMessageContaining("more than 256 MiB of documents");
    }

    @Test
    void foldersInFoldersHaveABound() throws IOException {
        write("d/".repeat(40) + "a.yaml", "a");

        assertThatThrownBy(() -> FileRegistry.documents(folder)).hasMessageContaining("more than 32 folders deep");
    }

    // ---- The watch

    @Test
    void documentsComeAtOnceAndChangesAfterThem() throws IOException {
        write("a.yaml", "1");
        start();
        awaitDeliveries(1);
        assertThat(recorder.last()).containsExactly(RawDocument.of("a.yaml", "1"));

        write("a.yaml", "22");
        awaitDeliveries(2);
        assertThat(recorder.last()).containsExactly(RawDocument.of("a.yaml", "22"));

        write("new/b.yaml", "b");
        awaitDeliveries(3);
        assertThat(recorder.last()).hasSize(2);

        Files.delete(folder.resolve("a.yaml"));
        awaitDeliveries(4);
        assertThat(recorder.last()).containsExactly(RawDocument.of("new/b.yaml", "b"));
        assertThat(recorder.failures()).isEmpty();
    }

    @Test
    void aChangeIsLiveWithinASecondWithTheDefaultInterval() throws IOException {
        write("a.yaml", "0");
        registry = FileRegistry.of(folder);
        registry.start(recorder);
        awaitDeliveries(1);

        // A machine that is busy with other things may be late; it is not late five times unless we are.
        long fastest = Long.MAX_VALUE;
        for (int i = 1; i <= 5; i++) {
            long began = System.nanoTime();
            write("a.yaml", "edit " + i);
            awaitDeliveries(i + 1);
            fastest = Math.min(fastest, System.nanoTime() - began);
        }

        assertThat(Duration.ofNanos(fastest)).isLessThan(Duration.ofSeconds(1));
    }

    @Test
    void aChangeOfManyFilesIsOneDelivery() throws IOException {
        writeMany("0");
        start();
        awaitDeliveries(1);
        int deliveries = 1;

        boolean wasQuick = false;
        for (int round = 1; round <= 20 && !wasQuick; round++) {
            String version = Integer.toString(round);
            long began = System.nanoTime();
            writeMany(version);
            // Only files that are written in one go can be expected to arrive in one go.
            wasQuick = System.nanoTime() - began < Duration.ofMillis(60).toNanos();
            await().until(() -> recorder.lastVersions().equals(Set.of(version)));
            if (wasQuick) {
                assertThat(recorder.deliveries()).hasSize(deliveries + 1);
            }
            deliveries = recorder.deliveries().size();
        }

        assertThat(wasQuick).as("a round without a pause").isTrue();
    }

    @Test
    void theSameContentIsNoChange() throws IOException {
        write("a.yaml", "same");
        start();
        awaitDeliveries(1);

        for (int i = 0; i < 5; i++) {
            write("a.yaml", "same");
            Files.setLastModifiedTime(folder.resolve("a.yaml"), FileTime.fromMillis(1_000_000L * i));
            Path other = folder.resolve("copy.tmp");
            Files.writeString(other, "same");
            Files.move(other, folder.resolve("a.yaml"), StandardCopyOption.ATOMIC_MOVE);
        }
        write("b.yaml", "news");
        awaitDeliveries(2);

        assertThat(recorder.last()).hasSize(2);
    }

    @Test
    void aChangeThatLeavesSizeAndTimeAsTheyWereIsSeen() throws IOException {
        Path file = write("a.yaml", "one");
        FileTime time = FileTime.fromMillis(1_700_000_000_000L);
        Files.setLastModifiedTime(file, time);
        start();
        awaitDeliveries(1);

        try (RandomAccessFile inPlace = new RandomAccessFile(file.toFile(), "rw")) {
            inPlace.write("two".getBytes(StandardCharsets.UTF_8));
        }
        Files.setLastModifiedTime(file, time);
        awaitDeliveries(2);

        assertThat(recorder.last()).containsExactly(RawDocument.of("a.yaml", "two"));
    }

    @Test
    void aFileThatNeverRestsIsDeliveredAllTheSame() throws Exception {
        write("a.yaml", "0");
        start();
        awaitDeliveries(1);

        AtomicBoolean enough = new AtomicBoolean();
        Thread writer = new Thread(() -> {
            for (int i = 0; !enough.get(); i++) {
                try {
                    write("a.yaml", Integer.toString(i));
                } catch (IOException e) {
                    throw new IllegalStateException(e);
                }
            }
        });
        writer.start();
        try {
            await().until(() -> recorder.deliveries().size() >= 3);
        } finally {
            enough.set(true);
            writer.join();
        }
    }

    @Test
    void aMountedConfigMapIsSeenWholeHoweverOftenItTurns() throws IOException {
        turnVolume(0);
        for (String name : List.of("a.yaml", "b.yaml", "sub")) {
            Files.createSymbolicLink(folder.resolve(name), Path.of("..data", name));
        }
        start();
        awaitDeliveries(1);
        assertThat(recorder.last())
                .containsExactly(
                        RawDocument.of("a.yaml", "0"),
                        RawDocument.of("b.yaml", "0"),
                        RawDocument.of("sub/c.yaml", "0"));

        for (int version = 1; version <= 60; version++) {
            turnVolume(version);
            if (version % 20 == 0) {
                Set<String> expected = Set.of(Integer.toString(version));
                await().until(() -> recorder.lastVersions().equals(expected));
            }
        }

        assertThat(recorder.deliveries()).allSatisfy(documents -> {
            assertThat(documents).hasSize(3);
            assertThat(versions(documents)).as("versions in one delivery").hasSize(1);
        });
        assertThat(recorder.failures()).isEmpty();
    }

    // ---- What cannot be read

    @Test
    void aFolderThatComesLaterIsReadThen() throws IOException {
        Path later = folder.resolve("later");
        registry = FileRegistry.of(later).withInterval(OFTEN);
        registry.start(recorder);
        await().until(() -> recorder.failures().size() == 1);
        assertThat(recorder.failures().get(0)).startsWith("folder " + later + ": no such file or folder; create it");

        Files.createDirectory(later);
        await().until(() -> recorder.failures().size() == 2);
        assertThat(recorder.failures().get(1)).contains("holds no documents (expected: files that end in .yaml");

        write("later/a.yaml", "a");
        awaitDeliveries(1);
        assertThat(recorder.last()).containsExactly(RawDocument.of("a.yaml", "a"));
    }

    @Test
    void aFolderThatGoesIsToldOnceAndItsReturnIsADelivery() throws IOException {
        write("mesh/a.yaml", "a");
        registry = FileRegistry.of(folder.resolve("mesh")).withInterval(OFTEN);
        registry.start(recorder);
        awaitDeliveries(1);

        Files.move(folder.resolve("mesh"), folder.resolve("elsewhere"));
        await().until(() -> recorder.failures().size() == 1);
        Files.move(folder.resolve("elsewhere"), folder.resolve("mesh"));
        awaitDeliveries(2);

        assertThat(recorder.last()).containsExactly(RawDocument.of("a.yaml", "a"));
        assertThat(recorder.failures()).hasSize(1);
    }

    @Test
    void aFolderThatWasEmptiedKeepsWhatItHad() throws IOException {
        Path file = write("a.yaml", "a");
        start();
        awaitDeliveries(1);

        Files.delete(file);
        await().until(() -> recorder.failures().size() == 1);

        assertThat(recorder.deliveries()).hasSize(1);
        assertThat(recorder.failures().get(0)).contains("holds no documents");
    }

    @Test
    void aFolderWithOnlyTerraformsOwnFilesHoldsNoDocuments() throws IOException {
        Path file = write("a.yaml", "a");
        write("main.tf", "resource");
        start();
        awaitDeliveries(1);

        Files.delete(file);
        await().until(() -> recorder.failures().size() == 1);

        assertThat(recorder.deliveries()).as("an outage, not an empty mesh").hasSize(1);
        assertThat(recorder.failures().get(0)).contains("of Terraform, the output of 'terraform show -json'");
    }

    // ---- Life

    @Test
    void anObserverThatThrowsGoesOnHearing() throws IOException {
        write("a.yaml", "1");
        recorder.throwing.set(true);
        start();
        awaitDeliveries(1);

        write("a.yaml", "22");
        awaitDeliveries(2);
    }

    @Test
    void closingEndsTheThread() throws IOException {
        write("a.yaml", "1");
        FileRegistry started = start();
        awaitDeliveries(1);
        assertThat(registryThreads()).isEqualTo(1);

        started.close();
        started.close();

        assertThat(registryThreads()).isZero();
    }

    @Test
    void theObserverMayCloseTheRegistry() throws IOException {
        write("a.yaml", "1");
        recorder.closing = FileRegistry.of(folder).withInterval(OFTEN);
        recorder.closing.start(recorder);

        awaitDeliveries(1);
        await().until(() -> registryThreads() == 0);
    }

    @Test
    void aRegistryIsStartedOnce() throws IOException {
        write("a.yaml", "1");
        FileRegistry started = start();

        assertThatThrownBy(() -> started.start(recorder)).isInstanceOf(IllegalStateException.class);

        FileRegistry closed = FileRegistry.of(folder);
        closed.close();
        assertThatThrownBy(() -> closed.start(recorder)).isInstanceOf(IllegalStateException.class);
    }

    @Test
    void anIntervalThatOnlyHeatsTheRoomIsRefused() {
        assertThatThrownBy(() -> FileRegistry.of(folder).withInterval(Duration.ofMillis(1)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("at least 10 ms");
    }

    @Test
    void aRegistryDescribesItself() throws IOException {
        write("a.yaml", "1");

        assertThat(FileRegistry.of(folder).describe()).isEqualTo("folder " + folder);
        assertThat(FileRegistry.of(folder.resolve("a.yaml")).describe()).isEqualTo("file " + folder.resolve("a.yaml"));
        assertThat(FileRegistry.of(folder.resolve("missing.yaml")).describe()).startsWith("file ");
    }

    // ---- How

    private FileRegistry start() {
        FileRegistry started = FileRegistry.of(folder).withInterval(OFTEN);
        registry = started;
        started.start(recorder);
        return started;
    }

    /** Writes a file beside and moves it into place: a machine that stands still meanwhile must not show half of it. */
    private Path write(String name, String content) throws IOException {
        Path file = folder.resolve(name);
        Files.createDirectories(file.getParent());
        Path beside = Files.writeString(file.resolveSibling("." + file.getFileName() + ".new"), content);
        return Files.move(beside, file, StandardCopyOption.ATOMIC_MOVE);
    }

    private void writeMany(String version) throws IOException {
        for (int i = 0; i < 20; i++) {
            write("resource-" + i + ".yaml", version);
        }
    }

    /** Does what the kubelet does: a new folder, the link turned by a rename, the old folder removed. */
    private void turnVolume(int version) throws IOException {
        String text = Integer.toString(version);
        String data = "..2026_11_21_" + version;
        write(data + "/a.yaml", text);
        write(data + "/b.yaml", text);
        write(data + "/sub/c.yaml", text);
        Path link = folder.resolve("..data");
        Path next = folder.resolve("..data_tmp");
        @Nullable Path old = Files.isSymbolicLink(link) ? link.toRealPath() : null;
        Files.createSymbolicLink(next, Path.of(data));
        Files.move(next, link, StandardCopyOption.ATOMIC_MOVE, StandardCopyOption.REPLACE_EXISTING);
        if (old != null) {
            try (Stream<Path> all = Files.walk(old)) {
                for (Path path :
                        all.sorted((one, other) -> other.compareTo(one)).toList()) {
                    Files.delete(path);
                }
            }
        }
    }

    private void awaitDeliveries(int count) {
        await().until(() -> recorder.deliveries().size() >= count);
        assertThat(recorder.deliveries()).hasSize(count);
    }

    private static ConditionFactory await() {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(30))
                .pollInSameThread()
                .pollDelay(Duration.ZERO)
                .pollInterval(Duration.ofMillis(2));
    }

    private static long registryThreads() {
        return Thread.getAllStackTraces().keySet().stream()
                .filter(thread -> thread.getName().equals("intramesh-registry"))
                .count();
    }

    private static Set<String> versions(List<RawDocument> documents) {
        return documents.stream()
                .map(document -> new String(document.content(), StandardCharsets.UTF_8))
                .collect(Collectors.toSet());
    }

    /** Remembers what it is told, and misbehaves on demand. */
    private static final class Recorder implements MeshRegistry.Observer {
        private final List<List<RawDocument>> deliveries = new ArrayList<>();
        private final List<String> failures = new ArrayList<>();
        final AtomicBoolean throwing = new AtomicBoolean();
        volatile @Nullable FileRegistry closing;

        @Override
        public void documentsChanged(List<RawDocument> documents) {
            synchronized (this) {
                deliveries.add(documents);
            }
            FileRegistry toClose = closing;
            if (toClose != null) {
                toClose.close();
            }
            if (throwing.get()) {
                throw new IllegalStateException("an observer that throws");
            }
        }

        @Override
        public synchronized void readFailed(String message) {
            failures.add(message);
        }

        synchronized List<List<RawDocument>> deliveries() {
            return List.copyOf(deliveries);
        }

        synchronized List<String> failures() {
            return List.copyOf(failures);
        }

        synchronized List<RawDocument> last() {
            return deliveries.get(deliveries.size() - 1);
        }

        Set<String> lastVersions() {
            return versions(last());
        }
    }
}
