/**
 * The mesh in a Spring Boot application: its properties, its life and its filter. Compiled against Spring Boot 3.5 and
 * limited to types that 4.x has in the same places; what moved between the lines sits in a jar for each.
 */
@NullMarked
package io.intramesh.spring;

import org.jspecify.annotations.NullMarked;
