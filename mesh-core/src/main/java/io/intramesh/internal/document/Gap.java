package io.intramesh.internal.document;

/**
 * Something that a template needs and that the files do not tell: a parameter without a value, the account, the address of a
 * load balancer. A readable text stands in for it. That may become a part of a name, with a note; whatever decides on traffic
 * by its value is refused.
 *
 * @param subject what it is; the note is written once for each
 * @param isRunTime whether only AWS knows it, so that a person must decide
 * @param missing what is missing
 * @param mend how to give it
 */
record Gap(String subject, boolean isRunTime, String missing, String mend) {

    /** Says why a place that needs the value itself cannot have it. */
    String refusal() {
        return missing + "; " + mend;
    }

    /** Says what was taken. */
    String note(String text) {
        return (isRunTime ? "needs a decision: " : "") + missing + "; took " + Words.quote(text) + " here: " + mend;
    }
}
