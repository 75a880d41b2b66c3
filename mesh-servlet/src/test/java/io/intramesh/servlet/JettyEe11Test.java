package io.intramesh.servlet;

import java.nio.file.Path;

final class JettyEe11Test extends MeshFilterContract {
    @Override
    Container container(Path folder) {
        return new JettyEe11Container();
    }
}
