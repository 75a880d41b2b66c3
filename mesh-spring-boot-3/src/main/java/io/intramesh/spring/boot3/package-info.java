/**
 * Auto-configuration from types that only Spring Boot 3.5 has in these places.
 */
@NullMarked
package io.intramesh.spring.boot3;

import org.jspecify.annotations.NullMarked;
