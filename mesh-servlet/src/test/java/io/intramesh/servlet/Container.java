package io.intramesh.servlet;

import jakarta.servlet.ServletContainerInitializer;

/** A servlet container under test, on a free port of the loopback interface. */
interface Container {

    /**
     * Starts with an application at the root.
     *
     * @param errorPage path that the container dispatches to when a response of status 418 is asked for by sendError
     */
    void start(ServletContainerInitializer application, String errorPage) throws Exception;

    int port();

    /** Tells whether the container closes a connection of HTTP/1.1 after each 503, whatever the application wants. */
    boolean closesAfter503();

    /** Tells whether the container drops the connection when a request goes asynchronous and then throws. */
    boolean dropsWhatThrowsAfterGoingAsynchronous();

    void stop() throws Exception;
}
