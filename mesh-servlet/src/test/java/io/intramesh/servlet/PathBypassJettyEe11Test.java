package io.intramesh.servlet;

import java.nio.file.Path;

final class PathBypassJettyEe11Test extends PathBypassContract {
    @Override
    Container container(Path folder) {
        return new JettyEe11Container();
    }
}
