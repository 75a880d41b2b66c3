/**
 * What must hold under each line of Spring Boot. Compiled and run by the module of each line against its own Spring Boot, so
 * only types that have the same place in both appear here.
 */
@NullMarked
package io.intramesh.spring.contract;

import org.jspecify.annotations.NullMarked;
