/**
 * Auto-configuration that Spring Boot 3.5 and 4.x share.
 */
@NullMarked
package io.intramesh.spring;

import org.jspecify.annotations.NullMarked;
