package io.intramesh.testing.junit;

import io.intramesh.OfflineMesh;
import java.lang.annotation.Documented;
import java.lang.annotation.ElementType;
import java.lang.annotation.Inherited;
import java.lang.annotation.Retention;
import java.lang.annotation.RetentionPolicy;
import java.lang.annotation.Target;
import org.junit.jupiter.api.extension.ExtendWith;

/**
 * Hands tests the mesh that a folder describes, as a parameter of the type {@link OfflineMesh}: compiled from the files, without
 * a socket or a thread. A folder is read once for each test class. On a method it takes the place of the one on the class.
 *
 * <pre>{@code
 * @MeshTest("mesh")
 * final class RoutingTest {
 *     @Test
 *     void theBetaIsACanary(OfflineMesh mesh) {
 *         assertThat(mesh).from("orders").routes("GET http://payments.local/beta").goesTo("payments-v2", 10);
 *     }
 *
 *     @TestFactory
 *     Stream<DynamicNode> expectations() {
 *         return MeshExpectations.in("mesh");
 *     }
 * }
 * }</pre>
 *
 * <p>A resource that is refused fails the test, with every problem in its message, unless {@link #allowRefused} says otherwise.
 */
@Documented
@Inherited
@Retention(RetentionPolicy.RUNTIME)
@Target({ElementType.TYPE, ElementType.METHOD})
@ExtendWith(MeshTestExtension.class)
public @interface MeshTest {
    /**
     * Returns the file or folder of the resources: a path from the module's own folder, or {@code classpath:} and the name of
     * a resource that is a file or folder on disk.
     */
    String value();

    /**
     * Returns what fills placeholders, each as {@code NAME=value}. The environment of the process does not, so that a test
     * says the same everywhere.
     */
    String[] values() default {};

    /** Returns whether resources may be refused; the mesh is then asked without them. Default false. */
    boolean allowRefused() default false;
}
