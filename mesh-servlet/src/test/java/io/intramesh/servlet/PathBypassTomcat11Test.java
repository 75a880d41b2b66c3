package io.intramesh.servlet;

import java.nio.file.Path;

final class PathBypassTomcat11Test extends PathBypassContract {
    @Override
    Container container(Path folder) {
        return new TomcatContainer(folder);
    }
}
