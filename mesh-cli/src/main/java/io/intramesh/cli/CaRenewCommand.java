package io.intramesh.cli;

import io.intramesh.internal.issue.CertificateAuthority;
import io.intramesh.internal.issue.IssuedCertificate;
import io.intramesh.internal.issue.KeyKind;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh ca renew}: new keys and certificates in place of old ones, once or for as long as it runs. */
@Command(
        name = "renew",
        description = {
            "Replaces the keys and certificates that 'mesh ca issue' wrote into OUT, with the same names and for as long",
            "again, once half of their life is over. Meshes that read the files take up the new ones by themselves.",
            "Certificates of other authorities are left alone."
        },
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:done, also where nothing was due", "2:wrong usage, or files that cannot be read or written"},
        footerHeading = "%nExamples:%n",
        footer = {"  mesh ca renew ca certificates --watch", "  mesh ca renew ca certificates --now --ttl 10m"})
final class CaRenewCommand implements Callable<Integer> {
    /** Who adds a node, or revokes one, need not wait longer. */
    private static final Duration LONGEST_PAUSE = Duration.ofSeconds(10);

    private static final Duration SHORTEST_PAUSE = Duration.ofSeconds(1);

    private final InstantSource clock;
    private final Pause pause;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(index = "0", paramLabel = "CA", description = "Folder of the authority.")
    private Path folder = Path.of("");

    @Parameters(index = "1", paramLabel = "OUT", description = "Folder that 'mesh ca issue' wrote.")
    private Path out = Path.of("");

    @Option(names = "--now", description = "Renews all of them, due or not.")
    private boolean now;

    @Option(names = "--watch", description = "Goes on until it is stopped, and renews what becomes due.")
    private boolean watch;

    @Option(
            names = "--every",
            paramLabel = "T",
            converter = Lifetime.class,
            description = "With --watch: renews all of them each time T has passed, due or not.")
    private @Nullable Duration every;

    @Option(
            names = "--ttl",
            paramLabel = "T",
            converter = Lifetime.class,
            description = "How long the new ones hold: 30s, 15m, 24h, 7d. Default: as long as the old ones")
    private @Nullable Duration ttl;

    CaRenewCommand(InstantSource clock, Pause pause) {
        this.clock = clock;
        this.pause = pause;
    }

    @Override
    public Integer call() throws BadInputException {
        if (every != null && !watch) {
            throw new BadInputException("--every: only with --watch");
        }
        renew(now);
        try {
            while (watch) {
                pause.await(every == null ? untilNext() : every);
                renew(every != null);
            }
        } catch (InterruptedException stopped) {
            Thread.currentThread().interrupt();
        }
        return MeshCommand.OK;
    }

    private void renew(boolean isForced) throws BadInputException {
        AuthorityFolder authority = AuthorityFolder.open(folder, clock);
        NodeFiles files = new NodeFiles(out);
        files.refuseOthers(authority);
        files.writeTrust(authority);
        PrintWriter lines = spec.commandLine().getOut();
        int kept = 0;
        for (Path place : files.places()) {
            X509Certificate old = NodeFiles.certificate(place);
            Workload workload = authority.isOwn(old) ? Workload.of(old, authority.trustDomain()) : null;
            if (workload == null) {
                spec.commandLine().getErr().println("mesh: " + place + ": not issued by " + folder + ", left alone");
            } else if (isForced || !clock.instant().isBefore(due(old))) {
                IssuedCertificate issued =
                        authority.issue(workload, ttl == null ? life(old) : ttl, KeyKind.of(old.getPublicKey()));
                NodeFiles.write(place, issued);
                lines.println(CaIssueCommand.line(issued, workload, authority, place));
            } else {
                kept++;
            }
        }
        if (kept > 0 && !watch) {
            lines.println(kept + " not due yet");
        }
        lines.flush();
        spec.commandLine().getErr().flush();
    }

    /** Half of its life, as SPIRE's agents renew. */
    private static Instant due(X509Certificate certificate) {
        return certificate.getNotAfter().toInstant().minus(life(certificate).dividedBy(2));
    }

    /** Returns how long it was issued for: it begins a little before that. */
    private static Duration life(X509Certificate certificate) {
        return Duration.between(
                certificate.getNotBefore().toInstant().plus(CertificateAuthority.SKEW),
                certificate.getNotAfter().toInstant());
    }

    private Duration untilNext() throws BadInputException {
        Duration shortest = LONGEST_PAUSE;
        for (Path place : new NodeFiles(out).places()) {
            Duration left = Duration.between(clock.instant(), due(NodeFiles.certificate(place)));
            if (left.compareTo(shortest) < 0) {
                shortest = left;
            }
        }
        return shortest.compareTo(SHORTEST_PAUSE) < 0 ? SHORTEST_PAUSE : shortest;
    }
}
