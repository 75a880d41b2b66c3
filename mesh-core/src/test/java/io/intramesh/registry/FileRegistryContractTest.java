package io.intramesh.registry;

import io.intramesh.document.RawDocument;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;

final class FileRegistryContractTest extends MeshRegistryContract {
    @TempDir
    @SuppressWarnings("NullAway.Init") // set by JUnit
    private Path folder;

    @Override
    MeshRegistry registry() {
        return FileRegistry.of(folder).withInterval(Duration.ofMillis(20));
    }

    @Override
    void put(List<RawDocument> documents) throws IOException {
        for (RawDocument document : documents) {
            Files.write(folder.resolve(document.name()), document.content());
        }
        List<String> names = documents.stream().map(RawDocument::name).toList();
        try (Stream<Path> files = Files.list(folder)) {
            for (Path file : files.toList()) {
                if (!names.contains(file.getFileName().toString())) {
                    Files.delete(file);
                }
            }
        }
    }
}
