package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** What the name of a file tells about what is in it. */
final class FileNames {
    /** Abbreviations and words, the surer first. Several words must follow one another. */
    private static final List<Hint> HINTS = List.of(
            new Hint(Kind.GATEWAY_ROUTE, "gateway", "route"),
            new Hint(Kind.GATEWAY_ROUTE, "gatewayroute"),
            new Hint(Kind.GATEWAY_ROUTE, "gwroute"),
            new Hint(Kind.GATEWAY_ROUTE, "gr"),
            new Hint(Kind.VIRTUAL_NODE, "vn"),
            new Hint(Kind.VIRTUAL_SERVICE, "vs"),
            new Hint(Kind.VIRTUAL_ROUTER, "vr"),
            new Hint(Kind.VIRTUAL_GATEWAY, "vg"),
            new Hint(Kind.VIRTUAL_GATEWAY, "vgw"),
            new Hint(Kind.VIRTUAL_NODE, "virtual", "node"),
            new Hint(Kind.VIRTUAL_SERVICE, "virtual", "service"),
            new Hint(Kind.VIRTUAL_ROUTER, "virtual", "router"),
            new Hint(Kind.VIRTUAL_GATEWAY, "virtual", "gateway"),
            new Hint(Kind.VIRTUAL_NODE, "virtualnode"),
            new Hint(Kind.VIRTUAL_SERVICE, "virtualservice"),
            new Hint(Kind.VIRTUAL_ROUTER, "virtualrouter"),
            new Hint(Kind.VIRTUAL_GATEWAY, "virtualgateway"),
            new Hint(Kind.ROUTE, "route"),
            new Hint(Kind.VIRTUAL_ROUTER, "router"),
            new Hint(Kind.VIRTUAL_NODE, "node"),
            new Hint(Kind.VIRTUAL_GATEWAY, "gateway"),
            new Hint(Kind.VIRTUAL_SERVICE, "service"),
            new Hint(Kind.MESH, "mesh"));

    private FileNames() {}

    private record Hint(Kind kind, List<String> words) {
        Hint(Kind kind, String... words) {
            this(kind, List.of(words));
        }
    }

    static String folder(String file) {
        return file.substring(0, lastSeparator(file) + 1);
    }

    private static int lastSeparator(String file) {
        return Math.max(file.lastIndexOf('/'), file.lastIndexOf('\\'));
    }

    private static String base(String file) {
        return file.substring(lastSeparator(file) + 1);
    }

    /** Returns the ending in small letters, without its dot; empty where there is none. */
    static String ending(String file) {
        String base = base(file);
        int dot = base.lastIndexOf('.');
        return dot < 1 ? "" : base.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** Returns the name without folder and ending. */
    static String stem(String file) {
        String base = base(file);
        int dot = base.lastIndexOf('.');
        return dot < 1 ? base : base.substring(0, dot);
    }

    /** Returns the kind that the words of a file's name speak of, or null. */
    static @Nullable Kind kind(String file) {
        List<String> words = words(stem(file));
        for (Hint hint : HINTS) {
            for (int at = 0; at + hint.words().size() <= words.size(); at++) {
                if (words.subList(at, at + hint.words().size()).equals(hint.words())) {
                    return hint.kind();
                }
            }
        }
        return null;
    }

    /** Splits a name at everything that is neither letter nor digit, and where a capital follows a small letter. */
    private static List<String> words(String name) {
        List<String> words = new ArrayList<>();
        StringBuilder word = new StringBuilder();
        char last = ' ';
        for (int i = 0; i <= name.length(); i++) {
            char c = i < name.length() ? name.charAt(i) : ' ';
            boolean ends = !Character.isLetterOrDigit(c) || (Character.isUpperCase(c) && Character.isLowerCase(last));
            if (ends && !word.isEmpty()) {
                words.add(word.toString().toLowerCase(Locale.ROOT));
                word.setLength(0);
            }
            if (Character.isLetterOrDigit(c)) {
                word.append(c);
            }
            last = c;
        }
        return words;
    }

    /**
     * Returns how well two names go together, from 0 to 1: the share of words that they have in common (Dice's coefficient),
     * without those that only speak of a kind.
     */
    static double likeness(String a, String b) {
        return likeness(speaking(a), speaking(b));
    }

    /** As {@link #likeness(String, String)}, of names whose {@link #speaking} words are known. */
    static double likeness(Set<String> wordsOfA, Set<String> wordsOfB) {
        Set<String> common = new HashSet<>(wordsOfA);
        common.retainAll(wordsOfB);
        int all = wordsOfA.size() + wordsOfB.size();
        return all == 0 ? 0 : 2.0 * common.size() / all;
    }

    /** Returns the words of a name without those that only speak of a kind. */
    static Set<String> speaking(String name) {
        Set<String> words = new HashSet<>(words(name));
        words.remove("virtual");
        HINTS.forEach(hint -> words.removeAll(hint.words()));
        return words;
    }
}
