package io.intramesh.cli;

import io.intramesh.internal.issue.KeyKind;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.Locale;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
            "With --parent it is one below another: what it issues carries its certificate along, and is trusted by whoever",
            "trusts the root. Nothing is overwritten."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:made", "2:wrong usage, or a folder that is not empty or cannot be written"},
        footerHeading = "%nExamples:%n",
        footer = {"  mesh ca init ca --trust-domain shop.local", "  mesh ca init ca-team-a --parent ca --ttl 30d"})
final class CaInitCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CA", description = "Folder to make, new or empty.")
    private Path folder = Path.of("");

    @Option(
            names = "--trust-domain",
            paramLabel = "D",
            description = "First part of every SPIFFE ID: spiffe://D/MESH/NODE. With --parent, it is the parent's.")
    private @Nullable String trustDomain;

    @Option(
            names = "--parent",
            paramLabel = "CA",
            description = "Folder of the authority that vouches for the new one.")
    private @Nullable Path parent;

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
        AuthorityFolder authority = parent == null ? root() : below(AuthorityFolder.open(parent, clock));
        PrintWriter out = spec.commandLine().getOut();
        out.println("authority of " + authority.trustDomain() + " in " + folder
                + (parent == null ? "" : ", below " + parent) + ", until " + authority.end());
        out.flush();
        warn(spec.commandLine().getErr(), folder);
        return MeshCommand.OK;
    }

    private AuthorityFolder root() throws BadInputException {
        if (trustDomain == null) {
            throw new BadInputException("--trust-domain: none (expected: a name such as shop.local, or --parent)");
        }
        return AuthorityFolder.create(folder, trustDomain, ttl, kind, clock);
    }

    private AuthorityFolder below(AuthorityFolder above) throws BadInputException {
        if (trustDomain != null && !trustDomain.equals(above.trustDomain())) {
            throw new BadInputException("--trust-domain '" + trustDomain + "': the parent's is " + above.trustDomain()
                    + "; leave the option out, or make an authority of its own");
        }
        return above.createBelow(folder, ttl, kind);
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
