package io.intramesh.testing.junit;

import io.intramesh.OfflineMesh;
import java.lang.reflect.AnnotatedElement;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.extension.ExtensionContext;
import org.junit.jupiter.api.extension.ParameterContext;
import org.junit.jupiter.api.extension.ParameterResolutionException;
import org.junit.jupiter.api.extension.ParameterResolver;
import org.junit.platform.commons.support.AnnotationSupport;

/** Resolves the parameters of {@link MeshTest}. */
final class MeshTestExtension implements ParameterResolver {
    private static final ExtensionContext.Namespace NAMESPACE =
            ExtensionContext.Namespace.create(MeshTestExtension.class);

    MeshTestExtension() {}

    @Override
    public boolean supportsParameter(ParameterContext parameter, ExtensionContext context) {
        return parameter.getParameter().getType() == OfflineMesh.class;
    }

    @Override
    public OfflineMesh resolveParameter(ParameterContext parameter, ExtensionContext context) {
        MeshTest settings = settings(context);
        List<Object> key = List.of(settings.value(), Arrays.asList(settings.values()), settings.allowRefused());
        // In the store of the class: its tests ask about the same files.
        ExtensionContext holder = ofClass(context);
        return holder.getStore(NAMESPACE).computeIfAbsent(key, any -> read(settings, holder), OfflineMesh.class);
    }

    private static OfflineMesh read(MeshTest settings, ExtensionContext context) {
        return MeshFolder.read(
                        settings.value(),
                        MeshFolder.values(settings.values()),
                        context.getRequiredTestClass().getClassLoader())
                .mesh(settings.allowRefused());
    }

    private static ExtensionContext ofClass(ExtensionContext context) {
        ExtensionContext at = context;
        while (at.getTestMethod().isPresent() && at.getParent().isPresent()) {
            at = at.getParent().get();
        }
        return at;
    }

    /** Looks at the method, then at the class and those around it. */
    private static MeshTest settings(ExtensionContext context) {
        for (ExtensionContext at = context; at != null; at = at.getParent().orElse(null)) {
            Optional<AnnotatedElement> element = at.getElement();
            if (element.isPresent()) {
                Optional<MeshTest> found = AnnotationSupport.findAnnotation(element.get(), MeshTest.class);
                if (found.isPresent()) {
                    return found.get();
                }
            }
        }
        throw new ParameterResolutionException("no @MeshTest names the folder of this mesh; put one on the class");
    }
}
