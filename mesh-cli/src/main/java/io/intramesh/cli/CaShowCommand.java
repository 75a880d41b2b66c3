package io.intramesh.cli;

import java.io.PrintWriter;
import java.nio.file.Path;
import java.security.cert.X509Certificate;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code mesh ca show}: what an authority issued. */
@Command(
        name = "show",
        description = "Shows an authority and the certificates of it that are not over yet; keys never.",
        sortOptions = false,
        exitCodeListHeading = "%nExit codes:%n",
        exitCodeList = {"0:shown", "2:wrong usage, or a folder that holds no authority"},
        footerHeading = "%nExamples:%n",
        footer = {"  mesh ca show ca", "  mesh ca show ca --json | jq '.certificates[] | select(.revoked)'"})
final class CaShowCommand implements Callable<Integer> {
    private final InstantSource clock;

    @Spec
    private CommandSpec spec = CommandSpec.create();

    @Parameters(paramLabel = "CA", description = "Folder of the authority.")
    private Path folder = Path.of("");

    @Option(names = "--json", description = "Answers with one JSON object instead of text.")
    private boolean json;

    CaShowCommand(InstantSource clock) {
        this.clock = clock;
    }

    @Override
    public Integer call() throws BadInputException {
        AuthorityFolder authority = AuthorityFolder.open(folder, clock);
        PrintWriter out = spec.commandLine().getOut();
        if (json) {
            out.println(json(authority));
        } else {
            print(authority, out);
        }
        out.flush();
        return MeshCommand.OK;
    }

    private static void print(AuthorityFolder authority, PrintWriter out) throws BadInputException {
        out.println("authority of " + authority.trustDomain() + ", until " + authority.end());
        List<X509Certificate> issued = authority.issued();
        if (issued.isEmpty()) {
            out.println("  nothing that it issued is still valid");
        }
        for (X509Certificate certificate : issued) {
            Workload workload = Workload.of(certificate, authority.trustDomain());
            out.println("  " + AuthorityFolder.serial(certificate) + " "
                    + (workload == null ? certificate.getSubjectX500Principal() : workload) + " until "
                    + certificate.getNotAfter().toInstant() + (authority.isRevoked(certificate) ? " REVOKED" : ""));
        }
    }

    private static String json(AuthorityFolder authority) throws BadInputException {
        List<X509Certificate> issued = authority.issued();
        boolean[] revoked = new boolean[issued.size()];
        for (int i = 0; i < revoked.length; i++) {
            revoked[i] = authority.isRevoked(issued.get(i));
        }
        return Json.object(json -> {
            Json.text(json, "trustDomain", authority.trustDomain());
            Json.text(json, "notAfter", authority.end().toString());
            json.writeArrayFieldStart("certificates");
            for (int i = 0; i < revoked.length; i++) {
                X509Certificate certificate = issued.get(i);
                Workload workload = Workload.of(certificate, authority.trustDomain());
                json.writeStartObject();
                Json.text(json, "serial", AuthorityFolder.serial(certificate));
                Json.text(json, "mesh", workload == null ? null : workload.mesh());
                Json.text(json, "node", workload == null ? null : workload.node());
                Json.text(
                        json,
                        "spiffeId",
                        workload == null
                                ? null
                                : workload.spiffeId(authority.trustDomain()).toString());
                Json.texts(json, "names", workload == null ? List.of() : workload.names());
                Json.text(
                        json,
                        "notBefore",
                        certificate.getNotBefore().toInstant().toString());
                Json.text(
                        json, "notAfter", certificate.getNotAfter().toInstant().toString());
                json.writeBooleanField("revoked", revoked[i]);
                json.writeEndObject();
            }
            json.writeEndArray();
        });
    }
}
