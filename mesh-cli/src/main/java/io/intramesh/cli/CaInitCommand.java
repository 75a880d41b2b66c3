package io.intramesh.cli;

import io.intramesh.internal.issue.KeyKind;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.ITypeConverter;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;
import picocli.CommandLine.TypeConversionException;

/** {@code mesh ca init}: a new authority. */
@Command(
        name = "init",
        description = {
            "Makes a new authority in a folder: a key that only its owner reads, and a certificate to trust.",
            "Nothing is overwritten."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:made", "2:wrong usage, or a folder that is not empty or cannot be written"},
        footerHeading = "%nExamples:%n",
        footer = "  mesh ca init ca --trust-domain shop.local")
final class CaInitCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CA", description = "Folder to make, new or empty.")
    private Path folder = Path.of("");

    @Option(
            names = "--trust-domain",
            paramLabel = "D",
            required = true,
            description = "First part of every SPIFFE ID: spiffe://D/MESH/NODE.")
    private String trustDomain = "";

    @Option(
            names = "--ttl",
            paramLabel = "T",
            defaultValue = "365d",
            converter = Lifetime.class,
            description = "How long the authority holds: 30s, 15m, 24h, 7d. Default: ${DEFAULT-VALUE}")
    private Duration ttl = Duration.ZERO;

    @Option(
            names = "--key",
            paramLabel = "K",
            defaultValue = "p256",
            converter = Key.class,
            description = "p256, p384 or rsa. Default: ${DEFAULT-VALUE}")
    private KeyKind kind = KeyKind.EC_P256;

    CaInitCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws BadInputException {
        AuthorityFolder authority = AuthorityFolder.create(folder, trustDomain, ttl, kind, clock);
        PrintWriter out = spec.commandLine().getOut();
        out.println("authority of " + authority.trustDomain() + " in " + folder + ", until " + authority.end());
        out.flush();
        warn(spec.commandLine().getErr(), folder);
        return MeshCommand.OK;
    }

    /** Says what people must know before they rely on it. */
    static void warn(PrintWriter err, Path folder) {
        err.println("mesh: for development only: whoever reads " + folder + " can be any node"
                + (AuthorityFiles.canKeepSecrets() ? "" : ", and this system does not let us keep it to its owner"));
        err.flush();
    }

    /** Reads the name of a kind of key. */
    static final class Key implements ITypeConverter<KeyKind> {
        @Override
        public KeyKind convert(String value) {
            return switch (value.toLowerCase(Locale.ROOT)) {
                case "p256" -> KeyKind.EC_P256;
                case "p384" -> KeyKind.EC_P384;
                case "rsa" -> KeyKind.RSA_2048;
                default -> throw new TypeConversionException("'" + value + "' (expected: p256, p384 or rsa)");
            };
        }
    }
}
