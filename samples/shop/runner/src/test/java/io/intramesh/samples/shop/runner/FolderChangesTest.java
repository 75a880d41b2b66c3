package io.intramesh.samples.shop.runner;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.FileTime;
import java.time.Instant;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class FolderChangesTest {
    @TempDir
    Path folder;

    @Test
    void everyChangeOfADocumentIsToldOnce() throws IOException {
        Path payments = Files.writeString(folder.resolve("payments.yaml"), "one");
        FolderChanges changes = new FolderChanges(folder);
        assertThat(changes.lines()).isEmpty();

        Files.setLastModifiedTime(payments, FileTime.from(Instant.EPOCH));
        Files.writeString(folder.resolve("more.yaml"), "two");
        Files.writeString(folder.resolve(".payments.yaml.swp"), "an editor's");
        Files.writeString(folder.resolve("notes.txt"), "no document");

        assertThat(changes.lines())
                .satisfiesExactly(
                        first -> assertThat(first).endsWith(" you added more.yaml"),
                        second -> assertThat(second).endsWith(" you edited payments.yaml"));
        assertThat(changes.lines()).isEmpty();

        Files.delete(payments);
        assertThat(changes.lines()).singleElement().asString().endsWith(" you removed payments.yaml");
    }
}
