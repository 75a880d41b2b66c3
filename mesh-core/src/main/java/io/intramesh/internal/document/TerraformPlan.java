package io.intramesh.internal.document;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a plan says beyond its values: which of them are known only after apply, and what they were written as. A new mesh's
 * {@code id} is such a value, and the usual way to name the mesh; so references are followed as far as a plan shows them: to
 * resources, variables and outputs of modules, but not to locals, which no plan shows.
 *
 * <p>A state knows everything, and this then answers nothing.
 */
final class TerraformPlan {
    /** Modules within modules; a plan that refers further refers in a circle. */
    private static final int MAX_STEPS = 32;

    private static final List<String> NAMES =
            List.of("name", "mesh_name", "virtual_router_name", "virtual_gateway_name");

    /**
     * Where a reference leads.
     *
     * @param reference as the configuration has it
     * @param value null where it is not known either
     * @param isMeshName whether it leads to a mesh, of which id and name are one
     */
    record Answer(String reference, @Nullable String value, boolean isMeshName) {}

    private final boolean isPlan;
    private final @Nullable MappingNode configuration;
    private final Map<String, MappingNode> unknown = new HashMap<>();
    private final Map<String, MappingNode> planned = new HashMap<>();

    TerraformPlan(MappingNode root) {
        MappingNode values = root.mapping("planned_values");
        MappingNode written = root.mapping("configuration");
        isPlan = values != null;
        configuration = isPlan && written != null ? written.mapping("root_module") : null;
        if (values == null) {
            return;
        }
        collect(values.mapping("root_module"));
        for (Node item : TerraformDialect.items(root, "resource_changes")) {
            if (item instanceof MappingNode change) {
                String address = change.text("address");
                MappingNode what = change.mapping("change");
                MappingNode after = what == null ? null : what.mapping("after_unknown");
                if (address != null && after != null) {
                    unknown.put(address, after);
                }
            }
        }
    }

    private void collect(@Nullable MappingNode module) {
        if (module == null) {
            return;
        }
        for (Node item : TerraformDialect.items(module, "resources")) {
            if (item instanceof MappingNode resource) {
                String address = resource.text("address");
                MappingNode values = resource.mapping("values");
                if (address != null && values != null) {
                    planned.put(address, values);
                }
            }
        }
        for (Node item : TerraformDialect.items(module, "child_modules")) {
            if (item instanceof MappingNode child) {
                collect(child);
            }
        }
    }

    boolean isPlan() {
        return isPlan;
    }

    /** Returns what of a resource is known only after apply, in the form of its values; null where there is nothing. */
    @Nullable
    MappingNode unknown(TerraformDialect.Found found) {
        return unknown.get(found.address());
    }

    /** Tells whether a member of a resource is known only after apply. */
    boolean isUnknown(TerraformDialect.Found found, String member) {
        return !found.values().has(member)
                && (isTrue(TerraformSpec.member(unknown(found), member)) || member(expressions(found), member) != null);
    }

    private static @Nullable Node member(@Nullable MappingNode holder, String name) {
        return holder == null ? null : holder.get(name);
    }

    /** Returns what the members of a resource are written as; null where the plan does not show it. */
    @Nullable
    MappingNode expressions(TerraformDialect.Found found) {
        MappingNode module = module(found.module());
        if (module == null) {
            return null;
        }
        List<String> address = segments(found.address());
        String own = address.size() < 2
                ? found.address()
                : address.get(address.size() - 2) + "." + withoutIndex(address.get(address.size() - 1));
        for (Node item : TerraformDialect.items(module, "resources")) {
            if (item instanceof MappingNode resource && own.equals(resource.text("address"))) {
                return resource.mapping("expressions");
            }
        }
        return null;
    }

    /**
     * Returns the members of a block that are known only after apply and count: not those that AWS computes.
     *
     * @param block empty for the resource as a whole
     */
    List<String> openMembers(
            String block, MappingNode values, @Nullable Node unknownMembers, @Nullable Node expressions) {
        if (!isPlan) {
            return List.of();
        }
        List<String> open = new ArrayList<>();
        if (block.isEmpty()) {
            for (String name : NAMES) {
                boolean told = isTrue(TerraformSpec.member(unknownMembers, name))
                        || TerraformSpec.member(expressions, name) != null;
                if (told && !values.has(name)) {
                    open.add(name);
                }
            }
            if (isTrue(TerraformSpec.member(unknownMembers, "spec")) && !values.has("spec")) {
                open.add("spec");
            }
            return open;
        }
        if (unknownMembers instanceof MappingNode mapping) {
            for (MappingNode.Entry entry : mapping.entries()) {
                // Without a port of its own, a health check takes the listener's, which AWS then tells.
                boolean computed = block.equals("health_check")
                        && entry.key().equals("port")
                        && TerraformSpec.member(expressions, "port") == null;
                if (isTrue(entry.value()) && !values.has(entry.key()) && !computed) {
                    open.add(entry.key());
                }
            }
        }
        return open;
    }

    private static boolean isTrue(@Nullable Node node) {
        return node instanceof ScalarNode scalar && scalar.text().equals("true");
    }

    // References.

    /** Returns where an expression leads that is one reference; null for any other. */
    @Nullable
    Answer follow(@Nullable Node expression, String module) {
        String reference = reference(expression);
        return reference == null ? null : follow(reference, expression, module, MAX_STEPS);
    }

    private Answer follow(String shown, @Nullable Node expression, String module, int steps) {
        String reference = reference(expression);
        Answer nowhere = new Answer(shown, null, false);
        if (reference == null || steps == 0) {
            return nowhere;
        }
        List<String> path = segments(reference);
        if (path.size() == 2 && path.get(0).equals("var")) {
            return variable(shown, path.get(1), module, steps);
        }
        if (path.size() == 3 && path.get(0).equals("module")) {
            String child = prefixed(module, "module." + path.get(1));
            return follow(shown, output(child, path.get(2)), child, steps - 1);
        }
        return path.size() == 3 ? attribute(shown, path, module) : nowhere;
    }

    private Answer variable(String shown, String name, String module, int steps) {
        List<String> path = segments(module);
        if (path.size() < 2) {
            return new Answer(shown, null, false);
        }
        String parent = String.join(".", path.subList(0, path.size() - 2));
        MappingNode holder = module(parent);
        MappingNode calls = holder == null ? null : holder.mapping("module_calls");
        MappingNode call = calls == null ? null : calls.mapping(withoutIndex(path.get(path.size() - 1)));
        MappingNode expressions = call == null ? null : call.mapping("expressions");
        return follow(shown, member(expressions, name), parent, steps - 1);
    }

    private @Nullable Node output(String module, String name) {
        MappingNode holder = module(module);
        MappingNode outputs = holder == null ? null : holder.mapping("outputs");
        MappingNode output = outputs == null ? null : outputs.mapping(name);
        return member(output, "expression");
    }

    private Answer attribute(String shown, List<String> path, String module) {
        String type = path.get(0);
        String attribute = path.get(2);
        MappingNode values = planned.get(prefixed(module, type + "." + path.get(1)));
        boolean mesh = type.equals("aws_appmesh_mesh") && (attribute.equals("id") || attribute.equals("name"));
        String value = values == null ? null : values.text(mesh ? "name" : attribute);
        return new Answer(shown, value, mesh);
    }

    /**
     * Returns the reference of which an expression is made. A plan lists {@code a.b.c} as that and {@code a.b}; where it lists
     * anything beyond, the value is made of several and cannot be told.
     */
    private static @Nullable String reference(@Nullable Node expression) {
        if (!(expression instanceof MappingNode mapping)) {
            return null;
        }
        String longest = null;
        for (Node item : TerraformDialect.items(mapping, "references")) {
            if (item instanceof ScalarNode scalar) {
                String reference = scalar.text();
                if (longest == null || reference.startsWith(longest)) {
                    longest = reference;
                } else if (!longest.startsWith(reference)) {
                    return null;
                }
            }
        }
        return longest;
    }

    /** Returns the configuration of a module by its address; null where the plan does not show it. */
    private @Nullable MappingNode module(String address) {
        MappingNode module = configuration;
        List<String> path = segments(address);
        for (int i = 1; i < path.size() && module != null; i += 2) {
            MappingNode calls = module.mapping("module_calls");
            MappingNode call = calls == null ? null : calls.mapping(withoutIndex(path.get(i)));
            module = call == null ? null : call.mapping("module");
        }
        return module;
    }

    private static String prefixed(String module, String rest) {
        return module.isEmpty() ? rest : module + "." + rest;
    }

    private static String withoutIndex(String segment) {
        int bracket = segment.indexOf('[');
        return bracket < 0 ? segment : segment.substring(0, bracket);
    }

    /** Splits an address at its dots; those within an index, such as {@code ["a.b"]}, belong to it. */
    static List<String> segments(String address) {
        List<String> segments = new ArrayList<>();
        int from = 0;
        boolean inIndex = false;
        for (int i = 0; i < address.length(); i++) {
            char c = address.charAt(i);
            if (c == '[') {
                inIndex = true;
            } else if (c == ']') {
                inIndex = false;
            } else if (c == '.' && !inIndex) {
                segments.add(address.substring(from, i));
                from = i + 1;
            }
        }
        if (from < address.length()) {
            segments.add(address.substring(from));
        }
        return segments;
    }
}
