package io.intramesh.internal.endpoint;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.BasicFileAttributes;
import java.nio.file.attribute.FileTime;
import java.util.List;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** How this machine resolves names. Used by one thread at a time; answers may change from one look-up to the next. */
interface DnsSetup {

    ResolvConf resolvConf();

    Hosts hosts();

    /** Returns the setup of the operating system; one without servers where it has no {@code /etc/resolv.conf}. */
    static DnsSetup system() {
        return files(Path.of("/etc/resolv.conf"), Path.of("/etc/hosts"));
    }

    /** Returns the setup in these files, which are read again whenever they change. */
    static DnsSetup files(Path resolvConf, Path hosts) {
        return new DnsSetup() {
            private final Reread<ResolvConf> servers = new Reread<>(resolvConf, ResolvConf.NONE, ResolvConf::parse);
            private final Reread<Hosts> names = new Reread<>(hosts, Hosts.NONE, Hosts::parse);

            @Override
            public ResolvConf resolvConf() {
                return servers.get();
            }

            @Override
            public Hosts hosts() {
                return names.get();
            }
        };
    }

    /** Returns a setup that never changes. */
    static DnsSetup of(ResolvConf resolvConf, Hosts hosts) {
        return new DnsSetup() {
            @Override
            public ResolvConf resolvConf() {
                return resolvConf;
            }

            @Override
            public Hosts hosts() {
                return hosts;
            }
        };
    }

    /** A file that is parsed again when its attributes changed. */
    final class Reread<T> {
        private static final Logger log = LoggerFactory.getLogger(DnsSetup.class);

        private final Path file;
        private final Function<List<String>, T> parser;
        private @Nullable Stamp stamp;
        private T value;

        Reread(Path file, T whereMissing, Function<List<String>, T> parser) {
            this.file = file;
            this.parser = parser;
            this.value = whereMissing;
        }

        /** Returns the content; what it was before, or the value for a missing file, where it cannot be read. */
        T get() {
            try {
                BasicFileAttributes attributes = Files.readAttributes(file, BasicFileAttributes.class);
                Stamp now = new Stamp(attributes.lastModifiedTime(), attributes.size(), attributes.fileKey());
                if (!now.equals(stamp)) {
                    // Latin-1 takes every byte; names and addresses are ASCII, comments need not be.
                    value = parser.apply(Files.readAllLines(file, StandardCharsets.ISO_8859_1));
                    stamp = now;
                }
            } catch (NoSuchFileException e) {
                log.trace("file missing file={}", file);
            } catch (IOException e) {
                log.debug("file not read file={}", file, e);
            }
            return value;
        }

        private record Stamp(
                FileTime modified, long size, @Nullable Object fileKey) {}
    }
}
