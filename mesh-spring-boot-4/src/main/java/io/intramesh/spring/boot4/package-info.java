/**
 * Auto-configuration from types that only Spring Boot 4.x has in these places.
 */
@NullMarked
package io.intramesh.spring.boot4;

import org.jspecify.annotations.NullMarked;
