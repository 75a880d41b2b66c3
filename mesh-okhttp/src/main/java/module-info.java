/** OkHttp's calls through the mesh. */
module io.intramesh.okhttp {
    requires transitive io.intramesh;
    requires transitive okhttp3;
    requires kotlin.stdlib;
    requires okio;
    requires org.slf4j;
    requires static org.jspecify;

    exports io.intramesh.okhttp;
}
