/** Admits, limits and observes the requests of a Jakarta servlet container. */
module io.intramesh.servlet {
    requires transitive io.intramesh;
    requires transitive jakarta.servlet;
    requires org.slf4j;
    requires static org.jspecify;
}
