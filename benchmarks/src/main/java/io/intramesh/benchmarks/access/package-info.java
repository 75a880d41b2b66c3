/** What access policies cost. */
@NullMarked
package io.intramesh.benchmarks.access;

import org.jspecify.annotations.NullMarked;
