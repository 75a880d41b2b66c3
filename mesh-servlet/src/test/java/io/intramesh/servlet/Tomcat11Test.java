package io.intramesh.servlet;

import java.nio.file.Path;

final class Tomcat11Test extends MeshFilterContract {
    @Override
    Container container(Path folder) {
        return new TomcatContainer(folder);
    }
}
