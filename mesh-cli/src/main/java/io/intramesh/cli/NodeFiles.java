package io.intramesh.cli;

import io.intramesh.internal.issue.IssuedCertificate;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.cert.X509Certificate;
import java.util.List;
import java.util.stream.Stream;

/**
 * The folder that nodes take their certificates from: {@code trust.pem} for all, and for each node {@code NODE/chain.pem} and
 * {@code NODE/key.pem}; with several meshes {@code MESH/NODE/…}.
 */
final class NodeFiles {
    static final String TRUST = "trust.pem";
    static final String CHAIN = "chain.pem";
    static final String KEY = "key.pem";

    private static final int DEPTH = 3;

    private final Path folder;

    NodeFiles(Path folder) {
        this.folder = folder;
    }

    /** Returns where the files of a node are. */
    Path of(Workload workload, boolean withMesh) {
        return (withMesh ? folder.resolve(workload.mesh()) : folder).resolve(workload.node());
    }

    /** Refuses to go on where the nodes of another authority are. */
    void refuseOthers(AuthorityFolder authority) throws BadInputException {
        Path trust = folder.resolve(TRUST);
        try {
            if (Files.exists(trust)
                    && !AuthorityFolder.firstCertificate(Files.readString(trust))
                            .equals(authority.root())) {
                throw new BadInputException(trust + ": of another authority than " + authority.folder()
                        + "; name the right one, or another folder");
            }
        } catch (GeneralSecurityException failure) {
            throw new BadInputException(trust + ": not understood: " + failure.getMessage(), failure);
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(trust, failure), failure);
        }
    }

    /** Refuses to go on where a node has files already. */
    static void refuseOverwriting(Path place) throws BadInputException {
        for (String name : List.of(CHAIN, KEY)) {
            if (Files.exists(place.resolve(name))) {
                throw new BadInputException(place.resolve(name) + ": is there already, and is not overwritten;"
                        + " renew it by 'mesh ca renew', or add --force");
            }
        }
    }

    /** Writes what everyone trusts. */
    void writeTrust(AuthorityFolder authority) throws BadInputException {
        try {
            Files.createDirectories(folder);
            Path trust = folder.resolve(TRUST);
            String text = authority.trustPem();
            if (!Files.exists(trust) || !Files.readString(trust).equals(text)) {
                AuthorityFiles.write(trust, text);
            }
        } catch (IOException failure) {
            throw new BadInputException(folder + ": cannot be written: " + failure, failure);
        }
    }

    /** Writes a node's key and then its chain; whoever reads in between sees that they do not fit, and looks again. */
    static void write(Path place, IssuedCertificate issued) throws BadInputException {
        try {
            Files.createDirectories(place);
            AuthorityFiles.writeSecret(place.resolve(KEY), issued.keyPem());
            AuthorityFiles.write(place.resolve(CHAIN), issued.chainPem());
        } catch (IOException failure) {
            throw new BadInputException(place + ": cannot be written: " + failure, failure);
        }
    }

    /** Returns the places of all nodes. */
    List<Path> places() throws BadInputException {
        if (!Files.isDirectory(folder)) {
            throw new BadInputException(folder + ": no such folder; name the one that 'mesh ca issue' wrote");
        }
        try (Stream<Path> files = Files.walk(folder, DEPTH)) {
            return files.filter(file -> file.endsWith(CHAIN))
                    .map(Path::getParent)
                    .sorted()
                    .toList();
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(folder, failure), failure);
        }
    }

    /** Returns the certificate of the node at that place. */
    static X509Certificate certificate(Path place) throws BadInputException {
        Path chain = place.resolve(CHAIN);
        try {
            return AuthorityFolder.certificates(chain).get(0);
        } catch (GeneralSecurityException failure) {
            throw new BadInputException(chain + ": not understood: " + failure.getMessage(), failure);
        } catch (IOException failure) {
            throw new BadInputException(Unreadable.describe(chain, failure), failure);
        }
    }
}
