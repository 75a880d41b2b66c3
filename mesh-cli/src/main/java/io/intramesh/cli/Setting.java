package io.intramesh.cli;

/**
 * Something that holds for a resource, in words.
 *
 * @param name where it stands in a document, or would: {@code listeners[8080].timeout.perRequest}
 * @param value in force, defaults filled in
 * @param isDefault whether nothing is written down and the default holds
 */
record Setting(String name, String value, boolean isDefault) {}
