package io.intramesh.servlet;

import java.nio.file.Path;

final class JettyEe10Test extends MeshFilterContract {
    @Override
    Container container(Path folder) {
        return new JettyEe10Container();
    }
}
