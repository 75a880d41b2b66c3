/** Carries OkHttp's calls through the mesh. */
module io.intramesh.okhttp {
    requires transitive io.intramesh;
    requires transitive okhttp3;
    requires org.slf4j;
    requires static org.jspecify;
}
