package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import io.intramesh.model.Kind;
import io.intramesh.model.Resource;
import io.intramesh.model.ResourceId;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Terraform, as {@code terraform show -json} prints a plan or a state, and the file in which Terraform itself keeps a state.
 * Resources of the types {@code aws_appmesh_*} count, in all modules; everything else in there is left alone. Paths begin with
 * the resource's address.
 *
 * <p>Terraform's own language is not read. Its files are looked at only to see whether they speak of App Mesh, and one note for
 * each folder then tells the command whose output is read.
 */
final class TerraformDialect implements JoinedDialect {
    static final String COMMAND = "terraform show -json > mesh.json";

    private static final String PREFIX = "aws_appmesh_";
    private static final byte[] PREFIX_BYTES = PREFIX.getBytes(StandardCharsets.US_ASCII);
    private static final Map<String, Kind> TYPES = new LinkedHashMap<>();

    static {
        for (Kind kind : Kind.values()) {
            if (kind.isAppMesh()) {
                TYPES.put(PREFIX + TerraformSpec.SPELLING.of(kind.term()), kind);
            }
        }
    }

    /** What every resource has beside its names and its spec; none of it says anything about the mesh. */
    private static final String[] BESIDE = {
        "id", "arn", "createdDate", "lastUpdatedDate", "meshOwner", "resourceOwner", "region", "tags", "tagsAll"
    };

    /** A file in Terraform's own language, or a document that was read; the folder tells which belong together. */
    private record Source(String file, String folder, boolean isRead) implements Part {}

    /**
     * A resource as a document holds it.
     *
     * @param module address of its module; empty for the root
     * @param at its place among the values of the document
     */
    record Found(String address, String module, Kind kind, MappingNode values, Mark mark, Path at) {}

    // Terraform's own language.

    /** Tells whether a file is written in Terraform's language, or is a plan in its binary form. */
    static boolean isSource(String file) {
        String name = file.toLowerCase(Locale.ROOT);
        return name.endsWith(".tf") || name.endsWith(".tf.json") || name.endsWith(".tfplan");
    }

    /** Tells whether a source speaks of App Mesh; of a binary plan nobody can say. */
    static boolean concernsMeshes(String file, byte[] content) {
        return file.toLowerCase(Locale.ROOT).endsWith(".tfplan") || contains(content, PREFIX_BYTES);
    }

    private static boolean contains(byte[] content, byte[] word) {
        for (int from = 0; from + word.length <= content.length; from++) {
            int same = 0;
            while (same < word.length && content[from + same] == word[same]) {
                same++;
            }
            if (same == word.length) {
                return true;
            }
        }
        return false;
    }

    /** Hands in a source, for the note of its folder. */
    static void readSource(String file, Drafts drafts) {
        drafts.add(new Source(file, FileNames.folder(file), false));
    }

    @Override
    public void join(List<Part> parts, Drafts drafts) {
        Set<String> told = new HashSet<>();
        for (Part part : parts) {
            if (part instanceof Source source && source.isRead()) {
                told.add(source.folder()); // The output of the command stands beside its sources.
            }
        }
        for (Part part : parts) {
            if (part instanceof Source source && told.add(source.folder())) {
                Problems note = new Problems(source.file());
                note.note(
                        Mark.WHOLE_FILE,
                        Path.ROOT,
                        "Terraform's own files are not read; run '" + COMMAND + "' where you run Terraform, and put its"
                                + " output here ('terraform show -json PLANFILE' shows a plan instead of the state)");
                drafts.addProblems(note);
            }
        }
    }

    // What Terraform prints.

    @Override
    public boolean claims(MappingNode root, String file) {
        return (root.has("format_version") || root.has("terraform_version"))
                && !found(root).isEmpty();
    }

    /** Terraform has filled what it fills; what still looks like a placeholder is text that some resource holds. */
    @Override
    public boolean fillsItself() {
        return true;
    }

    @Override
    public void read(Claimed document, Drafts drafts) {
        MappingNode root = document.root();
        List<Fault> faults = new ArrayList<>(document.faults());
        TerraformPlan plan = new TerraformPlan(root);
        for (Found found : found(root)) {
            readResource(document, found, plan, own(faults, found), drafts);
        }
        Problems whole = new Problems(document.file());
        faults.forEach(fault -> whole.error(fault.mark(), fault.path(), fault.message()));
        if ("true".equals(scalar(root, "errored"))) {
            whole.note(root.mark(), Path.ROOT, "the plan failed, and may lack resources; mend it and plan again");
        }
        drafts.addProblems(whole);
        drafts.add(new Source(document.file(), FileNames.folder(document.file()), true));
    }

    /** Takes out the faults that stand within a resource. */
    private static List<Fault> own(List<Fault> faults, Found found) {
        String at = found.at().toString();
        List<Fault> own = faults.stream()
                .filter(fault -> fault.path().toString().startsWith(at + "."))
                .toList();
        faults.removeAll(own);
        return own;
    }

    private static void readResource(
            Claimed document, Found found, TerraformPlan plan, List<Fault> faults, Drafts drafts) {
        Problems problems = new Problems(document.file());
        Path path = Path.ROOT;
        for (String segment : TerraformPlan.segments(found.address())) {
            path = path.member(segment);
        }
        for (Fault fault : faults) {
            problems.error(fault.mark(), path, fault.message());
        }
        Context context = document.context(problems);
        path = path.spelled(TerraformSpec.SPELLING);
        Kind kind = found.kind();
        MappingNode canonical = TerraformSpec.of(found, plan, path, problems);
        Fields fields = new Fields(canonical, path, context);
        String name =
                kind == Kind.VIRTUAL_SERVICE ? fields.requiredServiceName("name", 255) : fields.requiredName("name");
        // Where no reference leads to the mesh, it is the only one of the set, if there is only one.
        boolean knowsMesh = kind != Kind.MESH && (fields.has("meshName") || !plan.isUnknown(found, "mesh_name"));
        String mesh = kind == Kind.MESH ? name : knowsMesh ? fields.requiredName("meshName") : null;
        Kind holder = kind.parent();
        String parent = holder == null ? null : fields.requiredName(holder.term() + "Name");
        Function<ResourceId, Resource> bound = SpecBinder.bind(kind, fields.value("spec"), fields.path("spec"), fields);
        fields.ignore(BESIDE);
        fields.end();
        if (name == null || (knowsMesh && mesh == null) || (holder != null && parent == null)) {
            drafts.addProblems(problems);
            return;
        }
        drafts.add(new Draft(
                kind,
                mesh,
                parent,
                name,
                true,
                document.file(),
                found.mark(),
                fields.path("spec").toString(),
                problems,
                bound,
                context.places(),
                TerraformSpec.SPELLING));
    }

    // Where resources stand.

    private static List<Found> found(MappingNode root) {
        List<Found> found = new ArrayList<>();
        MappingNode planned = root.mapping("planned_values");
        MappingNode values = planned != null ? planned : root.mapping("values");
        if (values != null) {
            Path path = Path.ROOT.member(planned != null ? "planned_values" : "values");
            inModule(values.mapping("root_module"), path.member("root_module"), found);
        } else if (root.get("resources") instanceof SequenceNode resources) {
            inState(resources, Path.ROOT.member("resources"), found);
        }
        return found;
    }

    private static void inModule(@Nullable MappingNode module, Path path, List<Found> found) {
        if (module == null) {
            return;
        }
        String address = String.valueOf(scalar(module, "address"));
        Path resourcesPath = path.member("resources");
        List<Node> resources = items(module, "resources");
        for (int i = 0; i < resources.size(); i++) {
            if (resources.get(i) instanceof MappingNode resource && isCurrent(resource)) {
                Kind kind = kind(resource);
                String own = resource.text("address");
                MappingNode values = resource.mapping("values");
                if (kind != null && own != null) {
                    found.add(new Found(
                            own,
                            address.equals("null") ? "" : address,
                            kind,
                            values == null ? MappingNode.empty(resource.mark()) : values,
                            resource.mark(),
                            resourcesPath.item(i)));
                }
            }
        }
        List<Node> children = items(module, "child_modules");
        for (int i = 0; i < children.size(); i++) {
            if (children.get(i) instanceof MappingNode child) {
                inModule(child, path.member("child_modules").item(i), found);
            }
        }
    }

    /** Finds resources in the file of a state, version 4: several instances may share a resource. */
    private static void inState(SequenceNode resources, Path path, List<Found> found) {
        for (int i = 0; i < resources.items().size(); i++) {
            if (!(resources.items().get(i) instanceof MappingNode resource)) {
                continue;
            }
            Kind kind = kind(resource);
            String name = resource.text("name");
            if (kind == null || name == null) {
                continue;
            }
            String module = resource.text("module");
            String address = (module == null ? "" : module + ".") + resource.text("type") + "." + name;
            List<Node> instances = items(resource, "instances");
            for (int j = 0; j < instances.size(); j++) {
                if (instances.get(j) instanceof MappingNode instance && isCurrent(instance)) {
                    MappingNode values = instance.mapping("attributes");
                    found.add(new Found(
                            address + index(instance.get("index_key")),
                            module == null ? "" : module,
                            kind,
                            values == null ? MappingNode.empty(instance.mark()) : values,
                            instance.mark(),
                            path.item(i).member("instances").item(j)));
                }
            }
        }
    }

    private static String index(@Nullable Node key) {
        if (!(key instanceof ScalarNode scalar)) {
            return "";
        }
        return scalar.isText() ? "[\"" + scalar.text() + "\"]" : "[" + scalar.text() + "]";
    }

    /** A deposed object waits for its removal; another has taken its place. */
    private static boolean isCurrent(MappingNode instance) {
        return !instance.has("deposed") && !instance.has("deposed_key");
    }

    private static @Nullable Kind kind(MappingNode resource) {
        String mode = resource.text("mode");
        String type = resource.text("type");
        return type == null || "data".equals(mode) ? null : TYPES.get(type);
    }

    static List<Node> items(MappingNode holder, String member) {
        return holder.get(member) instanceof SequenceNode sequence ? sequence.items() : List.of();
    }

    private static @Nullable String scalar(MappingNode holder, String member) {
        return holder.get(member) instanceof ScalarNode scalar ? scalar.text() : null;
    }
}
