package io.intramesh.cli;

import io.intramesh.document.DocumentForm;
import io.intramesh.document.Problem;
import io.intramesh.document.ReadResult;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code mesh convert}: the same resources in another form, with the reasons for what was decided. */
@Command(
        name = "convert",
        description = {
            "Writes the resources of a file or folder, whatever dialects they are in, in one form.",
            "Comments, and CONVERSION.md beside the files, say where each comes from and what was decided."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {
            "0:written",
            "1:something was refused: nothing is written, or with --partial the rest",
            "2:wrong usage, or a folder that cannot be read or written"
        },
        footerHeading = "%nExamples:%n",
        footer = {
            "  mesh convert --to native deploy/appmesh -o mesh",
            "  mesh convert --to kubernetes mesh -o - | kubectl diff -f -"
        })
final class ConvertCommand implements Callable<Integer> {
    private static final String STANDARD_OUTPUT = "-";

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Option(
            names = "--to",
            paramLabel = "FORM",
            required = true,
            converter = Form.class,
            description = "native, json (the input of App Mesh's create-* calls) or kubernetes (v1beta2).")
    private DocumentForm form = DocumentForm.NATIVE;

    @Parameters(paramLabel = "PATH", description = "File or folder of the mesh's resources.")
    private Path path = Path.of("");

    @Option(
            names = {"-o", "--out"},
            paramLabel = "OUT",
            required = true,
            description = "Folder to write, new or empty; - writes one stream to standard output.")
    private String out = "";

    @Mixin
    private ValuesOption values = new ValuesOption();

    @Option(
            names = "--schema",
            paramLabel = "ADDRESS",
            description = {
                "JSON Schema that native documents name in their first line, for editors; none names none.",
                "Default: a copy in OUT/.schema; none on standard output."
            })
    private @Nullable String schema;

    @Option(names = "--force", description = "Writes into a folder that holds something; its other files stay.")
    private boolean force;

    @Option(names = "--partial", description = "Leaves out what is refused, and writes the rest.")
    private boolean partial;

    @Override
    public Integer call() throws BadInputException {
        ReadResult result = read();
        PrintWriter err = spec.commandLine().getErr();
        if (result.hasErrors()) {
            result.problems().stream().filter(Problem::isError).forEach(err::println);
            if (!partial) {
                err.println(
                        "mesh: nothing is written, since something is refused; mend it, or leave it out by --partial");
                return MeshCommand.REFUSED;
            }
        }
        if (result.resources().size() == 0) {
            throw new BadInputException(path + ": holds no mesh resources; check the path");
        }
        Conversion conversion = new Conversion(result, form, schema(), path.toString());
        if (out.equals(STANDARD_OUTPUT)) {
            spec.commandLine().getOut().print(conversion.text());
            spec.commandLine().getOut().flush();
        } else {
            write(conversion);
        }
        return result.hasErrors() ? MeshCommand.REFUSED : MeshCommand.OK;
    }

    private @Nullable String schema() {
        if (schema == null) {
            return out.equals(STANDARD_OUTPUT) ? null : Conversion.SCHEMA;
        }
        return schema.equals("none") ? null : schema;
    }

    private ReadResult read() throws BadInputException {
        return Configuration.read("", path, values.file()).result();
    }

    private void write(Conversion conversion) throws BadInputException {
        OutputFolder folder = new OutputFolder(Path.of(out));
        folder.refuseIfInOrAround(path);
        List<String> others = folder.write(conversion.files(), force);
        PrintWriter err = spec.commandLine().getErr();
        others.forEach(other -> err.println("mesh: " + other + " was there before and stays; a mesh reads it, too"));
        PrintWriter words = spec.commandLine().getOut();
        words.println(conversion.summary(out));
        words.flush();
    }

    /** Reads the name of a form. */
    static final class Form implements ITypeConverter<DocumentForm> {
        @Override
        public DocumentForm convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "native" -> DocumentForm.NATIVE;
                case "json" -> DocumentForm.JSON;
                case "kubernetes", "k8s" -> DocumentForm.KUBERNETES;
                default -> throw new TypeConversionException("'" + value + "' (expected: native, json or kubernetes)");
            };
        }
    }
}
