/**
 * Carries OkHttp's calls through the mesh: translates, sends and reports, and holds no rule of its own.
 */
@NullMarked
package io.intramesh.okhttp;

import org.jspecify.annotations.NullMarked;
