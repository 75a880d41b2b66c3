package io.intramesh.internal.document.write;

import io.intramesh.internal.document.write.Tree.Member;
import io.intramesh.model.Kind;

/** Where forms write the same thing differently. The canonical way is App Mesh's API. */
interface Spelling {
    /** As App Mesh's API writes it; native documents do so too. */
    Spelling CANONICAL = new Spelling() {
        @Override
        public Member reference(String member, Kind kind, String name) {
            return new Member(member, Tree.text(name), "");
        }

        @Override
        public String member(String canonical) {
            return canonical;
        }

        @Override
        public String comment(String member, String value) {
            return "";
        }
    };

    /**
     * Returns the member that refers to another resource of the mesh.
     *
     * @param member its canonical name
     */
    Member reference(String member, Kind kind, String name);

    /** Returns the name that this form gives to a member. */
    String member(String canonical);

    /** Returns what is to be said about a member with that value; empty where nothing is. */
    String comment(String member, String value);
}
