/**
 * Puts the mesh in front of a Jakarta servlet container: translates, admits or refuses, and reports.
 */
@NullMarked
package io.intramesh.servlet;

import org.jspecify.annotations.NullMarked;
