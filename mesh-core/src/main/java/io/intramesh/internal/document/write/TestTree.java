package io.intramesh.internal.document.write;

import io.intramesh.document.DocumentValue;
import io.intramesh.document.MeshTestDocument;
import io.intramesh.internal.document.write.Tree.Mapping;
import io.intramesh.internal.document.write.Tree.Member;
import java.util.ArrayList;
import java.util.List;

/** What is expected of a mesh, as the native document that it is in every form. */
final class TestTree {
    private TestTree() {}

    static Mapping of(MeshTestDocument test) {
        return Tree.mapping()
                .put("apiVersion", NativeForm.API_VERSION)
                .put("kind", "MeshTest")
                .put(
                        "metadata",
                        Tree.mapping()
                                .put("mesh", Tree.textOrNull(test.mesh()))
                                .put("name", Tree.textOrNull(test.name()))
                                .build())
                .put("spec", Tree.mapping("expectations", Tree.sequence(test.expectations(), TestTree::value)))
                .build()
                .withComments(List.of("From " + test.origin()));
    }

    private static Tree value(DocumentValue value) {
        if (value instanceof DocumentValue.Text text) {
            return text.isNull() ? new Tree.Nothing() : Tree.text(text.text());
        }
        if (value instanceof DocumentValue.Items items) {
            return Tree.sequence(items.values(), TestTree::value);
        }
        List<Member> members = new ArrayList<>();
        for (DocumentValue.Member member : ((DocumentValue.Members) value).members()) {
            members.add(new Member(member.key().text(), value(member.value()), ""));
        }
        return new Mapping(members, List.of());
    }
}
