/**
 * The front door: {@link io.intramesh.Mesh} runs the mesh within a process, {@link io.intramesh.OfflineMesh} answers
 * questions about a configuration without running it. Also every failure that the mesh throws.
 */
@NullMarked
package io.intramesh;

import org.jspecify.annotations.NullMarked;
