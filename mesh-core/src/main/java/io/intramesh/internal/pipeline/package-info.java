/** Composes the concerns: the only package that knows them all. {@code CallPipeline} lists the stages of a call. */
@NullMarked
package io.intramesh.internal.pipeline;

import org.jspecify.annotations.NullMarked;
