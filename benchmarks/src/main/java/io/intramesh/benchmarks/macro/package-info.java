/**
 * The macro benchmark: a caller and a callee as two processes over kept-alive connections, once through the mesh and once with
 * bare OkHttp and a bare servlet, in turns, so that noise of the machine meets both alike.
 */
@NullMarked
package io.intramesh.benchmarks.macro;

import org.jspecify.annotations.NullMarked;
