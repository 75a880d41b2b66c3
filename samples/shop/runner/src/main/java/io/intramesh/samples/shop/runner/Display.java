package io.intramesh.samples.shop.runner;

/** Where the shop shows what happens. Safe for use by several threads. */
interface Display extends AutoCloseable {

    /** Shows something that happened. */
    void event(String text);

    /** Shows the figures of this moment; called several times a second. */
    void figures(Figures figures);

    /** Ends the live view; what is printed afterwards stays on the screen. */
    @Override
    void close();
}
