package io.intramesh.cli;

import io.intramesh.document.Origin;
import io.intramesh.testing.expectation.Outcome;

/**
 * An expectation and what came of it.
 *
 * @param test name of the document that it stands in
 * @param place where it begins, or where it is not understood
 */
record Checked(String test, String title, Origin place, Outcome outcome) {}
