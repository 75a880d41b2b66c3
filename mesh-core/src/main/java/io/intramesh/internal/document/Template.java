package io.intramesh.internal.document;

import io.intramesh.internal.document.Document.Fault;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A CloudFormation template, taken apart into its sections. Nothing in it is evaluated yet.
 *
 * @param index of the entries of each section by name, for there may be thousands
 * @param faults that the parser saw
 */
record Template(
        String file,
        MappingNode root,
        Map<String, Map<String, MappingNode.Entry>> index,
        Map<String, TemplateResource> resources,
        List<Fault> faults,
        Function<String, @Nullable String> regexChecker)
        implements JoinedDialect.Part {
    static final List<String> SECTIONS = List.of(
            "AWSTemplateFormatVersion",
            "Conditions",
            "Description",
            "Globals",
            "Hooks",
            "Mappings",
            "Metadata",
            "Outputs",
            "Parameters",
            "Resources",
            "Rules",
            "Transform");

    static Template of(Dialect.Claimed document) {
        Map<String, Map<String, MappingNode.Entry>> index = new HashMap<>();
        for (String section : SECTIONS) {
            MappingNode mapping = document.root().mapping(section);
            if (mapping != null) {
                Map<String, MappingNode.Entry> entries = new HashMap<>();
                mapping.entries().forEach(entry -> entries.put(entry.key(), entry));
                index.put(section, entries);
            }
        }
        MappingNode declared = document.root().mapping("Resources");
        Map<String, TemplateResource> resources = new LinkedHashMap<>();
        if (declared != null) {
            declared.entries().forEach(entry -> resources.put(entry.key(), TemplateResource.of(entry)));
        }
        return new Template(
                document.file(), document.root(), index, resources, document.faults(), document.regexChecker());
    }

    /** Returns the entries of a section; none where it is absent. */
    List<MappingNode.Entry> entries(String section) {
        MappingNode mapping = root.mapping(section);
        return mapping == null ? List.of() : mapping.entries();
    }

    /** Returns an entry of a section, or null. */
    MappingNode.@Nullable Entry entry(String section, String name) {
        Map<String, MappingNode.Entry> byName = index.get(section);
        return byName == null ? null : byName.get(name);
    }

    /** Returns the name of the file without folder and endings: {@code mesh} of {@code deploy/mesh.template.yaml}. */
    String stem() {
        String stem = FileNames.stem(file);
        for (String ending : new String[] {".template", ".cfn", ".stack"}) {
            if (stem.endsWith(ending) && stem.length() > ending.length()) {
                return stem.substring(0, stem.length() - ending.length());
            }
        }
        return stem;
    }

    @Override
    public boolean holdsResources() {
        return resources.values().stream().anyMatch(TemplateResource::isOfMesh);
    }
}
