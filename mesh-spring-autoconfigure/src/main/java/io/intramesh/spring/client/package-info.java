/**
 * Transports that carry the calls of {@code RestClient}, {@code RestTemplate}, {@code WebClient} and HTTP interfaces through
 * the mesh. They translate and hold no rule.
 */
@NullMarked
package io.intramesh.spring.client;

import org.jspecify.annotations.NullMarked;
