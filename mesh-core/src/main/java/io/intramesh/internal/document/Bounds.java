package io.intramesh.internal.document;

/**
 * How much of a file is read before it is refused. A registry reads what others wrote: none of these may cost more than the
 * file that a large mesh needs. All are far above what App Mesh could hold (200 nodes, 200 services a mesh).
 */
final class Bounds {
    /** Size of a file: ten thousand resources of ordinary length. */
    static final int MAX_FILE_BYTES = 8 << 20;

    /**
     * Size of a file of JSON. Terraform's output holds the whole infrastructure of which the mesh is a part, and nobody can
     * split it. JSON has no aliases: what it costs grows with its length alone.
     */
    static final int MAX_JSON_BYTES = 64 << 20;

    /** Nesting. The deepest field of any dialect stands at 14. */
    static final int MAX_DEPTH = 64;

    /** Values in a file, those that aliases repeat counted each time. This is what stops a "billion laughs" file. */
    static final int MAX_NODES = 1_000_000;

    /** Values in a file of JSON; Terraform's states have one in 15 to 40 bytes. */
    static final int MAX_JSON_NODES = 4_000_000;

    /** Problems told per document; the rest is counted. */
    static final int MAX_PROBLEMS = 100;

    private Bounds() {}

    /** Counts values, and refuses the one that is too many or too deep. */
    static final class Counter {
        private final int maxNodes;
        private int nodes;

        Counter() {
            this(MAX_NODES);
        }

        Counter(int maxNodes) {
            this.maxNodes = maxNodes;
        }

        int nodes() {
            return nodes;
        }

        void enter(Mark mark, int depth) throws Unreadable {
            if (depth > MAX_DEPTH) {
                throw new Unreadable(mark, "nested deeper than " + MAX_DEPTH + " levels; flatten it");
            }
            if (++nodes > maxNodes) {
                throw new Unreadable(mark, "more than " + maxNodes + " values in one file; split the file");
            }
        }

        void repeat(Mark mark, int size) throws Unreadable {
            nodes += size;
            if (nodes > maxNodes) {
                throw new Unreadable(
                        mark, "aliases repeat more than " + maxNodes + " values; write out what they stand for");
            }
        }
    }
}
