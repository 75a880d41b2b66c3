package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.List;

/**
 * How a dialect writes the members that App Mesh's API has. Specs are bound by the API's names; paths and messages name the
 * members as the author wrote them.
 */
interface Spelling {
    /** As the API itself, and so native documents, write them. */
    Spelling API = member -> member;

    /** Returns how this dialect writes a member of the API. */
    String of(String member);

    /** Returns these members as this dialect writes them. */
    default List<String> of(Iterable<String> members) {
        List<String> spelled = new ArrayList<>();
        members.forEach(member -> spelled.add(of(member)));
        return spelled;
    }

    /** Returns a path such as {@code httpRoute.action.weightedTargets[0]} with each member so written. */
    default String ofPath(String path) {
        StringBuilder spelled = new StringBuilder(path.length());
        int from = 0;
        for (int i = 0; i <= path.length(); i++) {
            boolean ends = i == path.length() || path.charAt(i) == '.' || path.charAt(i) == '[';
            if (ends) {
                String member = path.substring(from, i);
                boolean isIndex = member.endsWith("]");
                spelled.append(isIndex || member.isEmpty() ? member : of(member));
                if (i < path.length()) {
                    spelled.append(path.charAt(i));
                }
                from = i + 1;
            }
        }
        return spelled.toString();
    }
}
