package io.intramesh.internal.time;

/** Measures intervals. Values wrap: compare {@code now - start}, never two readings with {@code <}. */
public interface NanoClock {

    /** Returns nanoseconds since an arbitrary origin. */
    long nanoTime();

    /** Returns the clock of the virtual machine. */
    static NanoClock system() {
        return System::nanoTime;
    }
}
