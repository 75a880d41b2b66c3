package io.intramesh.internal.document;

import io.intramesh.model.Kind;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What {@code Ref} and {@code Fn::GetAtt} of the resources of a template give. Names of App Mesh resources are known from
 * their properties, and their ARNs follow; of other resources only what their properties say, the rest exists in AWS alone and
 * is a {@link Gap}.
 */
final class TemplateReferences {
    /** Types whose {@code Ref} is a property. */
    private static final Map<String, String> REF_PROPERTIES = Map.of(
            "AWS::ECS::Cluster", "ClusterName",
            "AWS::Route53::RecordSet", "Name",
            "AWS::SSM::Parameter", "Name",
            "AWS::Logs::LogGroup", "LogGroupName",
            "AWS::S3::Bucket", "BucketName");

    /** Attributes that repeat a property of another name. */
    private static final Map<String, String> ATTRIBUTE_PROPERTIES = Map.of("AWS::ECS::Service.Name", "ServiceName");

    /** Types whose {@code Ref} is an ARN, or that have one which specs use: service and path of it. */
    private static final Map<String, String> ARNS = Map.of(
            "AWS::CertificateManager::Certificate", "acm:certificate/",
            "AWS::ACMPCA::CertificateAuthority", "acm-pca:certificate-authority/");

    private final Template template;
    private final TemplateValues values;
    private final Map<String, TemplateText> properties = new HashMap<>();

    TemplateReferences(Template template, TemplateValues values) {
        this.template = template;
        this.values = values;
    }

    TemplateText ref(String id, Mark use) throws Unresolved {
        TemplateResource resource = resource(id, use);
        Kind kind = resource.kind();
        if (kind != null) {
            return arnOf(resource, kind, use);
        }
        String property = REF_PROPERTIES.get(String.valueOf(resource.type()));
        TemplateText found = property == null ? null : property(resource, property, use);
        return found != null ? found : standIn(resource, "");
    }

    TemplateText attribute(String id, String attribute, Mark use) throws Unresolved {
        TemplateResource resource = resource(id, use);
        Kind kind = resource.kind();
        if (kind != null) {
            return meshAttribute(resource, kind, attribute, use);
        }
        if (attribute.startsWith("Outputs.")) {
            TemplateText output =
                    values.surroundings().outputOf(resource, attribute.substring("Outputs.".length()), use);
            return output != null ? output : standIn(resource, attribute);
        }
        String same = ATTRIBUTE_PROPERTIES.getOrDefault(resource.type() + "." + attribute, attribute);
        TemplateText found = property(resource, same, use);
        return found != null ? found : standIn(resource, attribute);
    }

    private TemplateResource resource(String id, Mark use) throws Unresolved {
        TemplateResource resource = template.resources().get(id);
        if (resource == null) {
            throw values.nothingCalled(id, use);
        }
        Node condition = resource.body().get("Condition");
        if (condition != null) {
            boolean exists;
            try {
                exists = values.condition(condition);
            } catch (Unresolved e) {
                throw e.at(use);
            }
            if (!exists) {
                throw new Unresolved(
                        use,
                        "the resource " + Words.quote(id) + " does not exist, since its condition does not hold; use"
                                + " Fn::If");
            }
        }
        return resource;
    }

    // App Mesh.

    /** Returns the name of a resource: as its property says, else its logical id, with which AWS begins the name. */
    TemplateText nameOf(TemplateResource resource, Kind kind, Mark use) throws Unresolved {
        TemplateText name = property(resource, nameMember(kind), use);
        if (name == null && kind == Kind.VIRTUAL_SERVICE) {
            throw new Unresolved(
                    use, "the resource " + Words.quote(resource.id()) + " has no VirtualServiceName; add it there");
        }
        return name == null ? TemplateText.of(resource.id()) : asName(kind, name, use);
    }

    private TemplateText requiredName(TemplateResource resource, Kind kind, Mark use) throws Unresolved {
        TemplateText name = property(resource, nameMember(kind), use);
        if (name == null) {
            throw new Unresolved(
                    use,
                    "the resource " + Words.quote(resource.id()) + " has no " + nameMember(kind) + "; add it there");
        }
        return asName(kind, name, use);
    }

    private static String nameMember(Kind kind) {
        return kind.documentName() + "Name";
    }

    /** Returns the name in a text that may also be an ARN, as {@code Ref} gives it. */
    TemplateText asName(Kind kind, TemplateText text, Mark use) throws Unresolved {
        MeshArn arn = MeshArn.parse(text);
        if (arn == null) {
            return kind == Kind.MESH ? MeshArn.withoutOwner(text) : text;
        }
        if (arn.kind() != kind) {
            throw new Unresolved(
                    use,
                    Words.quote(text.text()) + " is the ARN of a " + arn.kind().term() + " (expected: a " + kind.term()
                            + ")");
        }
        return arn.name();
    }

    private TemplateText meshAttribute(TemplateResource resource, Kind kind, String attribute, Mark use)
            throws Unresolved {
        Kind holder = kind.parent();
        if (attribute.equals("Arn") || attribute.equals("Id")) {
            return arnOf(resource, kind, use);
        }
        if (attribute.equals(nameMember(kind))) {
            return nameOf(resource, kind, use);
        }
        if (attribute.equals("MeshName")) {
            return requiredName(resource, Kind.MESH, use);
        }
        if (holder != null && attribute.equals(nameMember(holder))) {
            return requiredName(resource, holder, use);
        }
        if (attribute.equals("MeshOwner") || attribute.equals("ResourceOwner")) {
            return ownerOf(resource, use);
        }
        if (attribute.equals("Uid")) {
            return standIn(resource, attribute);
        }
        List<String> attributes = new ArrayList<>(List.of("Arn", "MeshName", "MeshOwner", "ResourceOwner", "Uid"));
        if (holder != null) {
            attributes.add(nameMember(holder));
        }
        if (kind != Kind.MESH) {
            attributes.add(nameMember(kind));
        }
        String nearest = Words.nearest(attribute, attributes);
        throw new Unresolved(
                use,
                resource.type() + " has no attribute " + Words.quote(attribute) + " (expected: "
                        + Words.anyOf(attributes) + ")"
                        + (nearest == null ? "" : "; did you mean '" + nearest + "'?"));
    }

    private TemplateText ownerOf(TemplateResource resource, Mark use) throws Unresolved {
        TemplateText owner = property(resource, "MeshOwner", use);
        if (owner != null) {
            return owner;
        }
        return values.arn("appmesh").split(":").get(4);
    }

    private TemplateText arnOf(TemplateResource resource, Kind kind, Mark use) throws Unresolved {
        List<TemplateText> pieces = new ArrayList<>();
        pieces.add(values.arn("appmesh", ownerOf(resource, use)));
        pieces.add(TemplateText.of("mesh/"));
        if (kind == Kind.MESH) {
            pieces.add(nameOf(resource, kind, use));
            return TemplateText.join("", pieces);
        }
        pieces.add(requiredName(resource, Kind.MESH, use));
        Kind holder = kind.parent();
        if (holder != null) {
            pieces.add(TemplateText.of("/" + holder.term() + "/"));
            pieces.add(requiredName(resource, holder, use));
        }
        pieces.add(TemplateText.of("/" + kind.term() + "/"));
        pieces.add(nameOf(resource, kind, use));
        return TemplateText.join("", pieces);
    }

    // Properties.

    /** Returns a property that is a single value; null where it is absent or something else. */
    @Nullable
    TemplateText property(TemplateResource resource, String member, Mark use) throws Unresolved {
        String what = resource.id() + "." + member;
        TemplateText known = properties.get(what);
        if (known != null) {
            return known;
        }
        values.enter(what, use);
        try {
            Node written = resource.body().get("Properties");
            Node all = written == null ? null : values.head(written);
            MappingNode.Entry entry = all instanceof MappingNode mapping ? mapping.entry(member) : null;
            Node head = entry == null ? null : values.head(entry.value());
            if (!(head instanceof ScalarNode scalar)) {
                return null;
            }
            TemplateText text = values.textOf(scalar);
            properties.put(what, text);
            return text;
        } catch (Unresolved e) {
            throw e.within(use, what);
        } finally {
            values.leave(what);
        }
    }

    /** Returns something readable in place of what only AWS knows. */
    private TemplateText standIn(TemplateResource resource, String attribute) throws Unresolved {
        String type = String.valueOf(resource.type());
        String subject = resource.id() + (attribute.isEmpty() ? "" : "." + attribute);
        Gap gap = new Gap(
                subject,
                true,
                Words.quote(subject) + " (" + Words.shorten(type) + ") exists only in AWS",
                "write in its place what is there without AWS");
        String arn = ARNS.get(type);
        if (arn == null || !(attribute.isEmpty() || attribute.equals("Arn") || attribute.equals("CertificateArn"))) {
            return TemplateText.ofGap(subject, gap);
        }
        int colon = arn.indexOf(':');
        String text = values.arn(arn.substring(0, colon)).text() + arn.substring(colon + 1) + resource.id();
        return TemplateText.ofGap(text, gap);
    }
}
