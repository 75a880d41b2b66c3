package io.intramesh.cli;

import java.io.FileDescriptor;
import java.io.FileInputStream;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import org.jspecify.annotations.Nullable;
import picocli.AutoComplete.GenerateCompletion;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.HelpCommand;
import picocli.CommandLine.IVersionProvider;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ScopeType;

/** The {@code mesh} program: what it offers, where its words go, and what its exit codes mean. */
@Command(
        name = "mesh",
        description = "Checks and explains the configuration of an Intramesh (or AWS App Mesh) service mesh.",
        versionProvider = MeshCommand.Version.class,
        synopsisSubcommandLabel = "COMMAND",
        footer = {
            "",
            "Exit codes: 0 done, 1 something was refused or differs, 2 wrong usage or input, 3 a fault of this program.",
            "Results go to standard output, everything else to standard error. NO_COLOR turns colours off."
        })
final class MeshCommand {
    /** The answer is there, and nothing was refused. */
    static final int OK = 0;

    /** The answer is there, and something in it was refused. */
    static final int REFUSED = 1;

    /** The answer is there: the two that were compared differ. */
    static final int DIFFERS = 1;

    /** There is no answer, because the question cannot be understood. */
    static final int USAGE = 2;

    /** There is no answer, because of a fault of ours. */
    static final int FAULT = 3;

    @Option(
            names = "--debug",
            scope = ScopeType.INHERIT,
            description = "Shows where in the program a failure comes from.")
    private boolean debug;

    private MeshCommand() {}

    /** Runs the command and ends the process with its exit code. */
    public static void main(String[] args) {
        // UTF-8 whatever the locale says: the output is JSON, or quotes files that are UTF-8.
        PrintWriter out = writer(FileDescriptor.out);
        PrintWriter err = writer(FileDescriptor.err);
        int exitCode = commandLine(new FileInputStream(FileDescriptor.in), out, err, args)
                .execute(args);
        out.flush();
        err.flush();
        System.exit(exitCode);
    }

    /**
     * Returns the program, reading and writing there.
     *
     * @param args that it will be run with: where these begin with a command, no other one is made ready, which takes long
     */
    static CommandLine commandLine(InputStream in, PrintWriter out, PrintWriter err, String... args) {
        MeshCommand mesh = new MeshCommand();
        CommandLine commandLine = new CommandLine(mesh);
        commandLine
                .getCommandSpec()
                .addOption(help())
                .addOption(OptionSpec.builder("-V", "--version")
                        .versionHelp(true)
                        .description("Shows the version.")
                        .build());
        Object[] subcommands = {
            new ValidateCommand(),
            new ExplainCommand(in),
            new DiffCommand(),
            new GraphCommand(),
            new DescribeCommand(),
            new SchemaCommand(),
            new TestCommand(),
            new ConvertCommand(),
            new CaCommand(),
            new PolicyCommand(in)
        };
        String first = args.length == 0 ? "" : args[0];
        boolean isNamed = Arrays.stream(subcommands).anyMatch(subcommand -> isNamed(subcommand, first));
        for (Object subcommand : subcommands) {
            if (isNamed && !isNamed(subcommand, first)) {
                continue;
            }
            CommandSpec spec = CommandSpec.forAnnotatedObject(subcommand).addOption(help());
            CommandLine added = new CommandLine(spec);
            commandLine.addSubcommand(spec.name(), added);
            if (subcommand instanceof CommandGroup group) {
                for (Object member : group.members()) {
                    CommandSpec inner = CommandSpec.forAnnotatedObject(member).addOption(help());
                    added.addSubcommand(inner.name(), inner);
                }
            }
        }
        if (!isNamed) {
            commandLine.addSubcommand(new GenerateCompletion());
            commandLine.addSubcommand(new HelpCommand());
        }
        commandLine.setOut(out);
        commandLine.setErr(err);
        commandLine.setUsageHelpWidth(100);
        commandLine.setParameterExceptionHandler(MeshCommand::misused);
        commandLine.setExecutionExceptionHandler((failure, command, parsed) -> mesh.failed(failure, command));
        return commandLine;
    }

    private static boolean isNamed(Object subcommand, String name) {
        Command command = subcommand.getClass().getAnnotation(Command.class);
        return command != null && command.name().equals(name);
    }

    // Not a field: it would never be read, since picocli gives the answer itself.
    private static OptionSpec help() {
        return OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Shows this help.")
                .build();
    }

    private static PrintWriter writer(FileDescriptor descriptor) {
        return new PrintWriter(new OutputStreamWriter(new FileOutputStream(descriptor), StandardCharsets.UTF_8));
    }

    private static int misused(ParameterException failure, String[] args) {
        CommandLine command = failure.getCommandLine();
        PrintWriter err = command.getErr();
        err.println(command.getColorScheme().errorText("mesh: " + failure.getMessage()));
        if (!CommandLine.UnmatchedArgumentException.printSuggestions(failure, err)) {
            err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
        }
        return USAGE;
    }

    private int failed(Exception failure, CommandLine command) {
        PrintWriter err = command.getErr();
        if (failure instanceof BadInputException) {
            err.println(command.getColorScheme().errorText("mesh: " + failure.getMessage()));
        } else {
            err.println(command.getColorScheme().errorText("mesh: a fault of this program: " + failure));
            if (!debug) {
                err.println("Run it again with --debug, and report what that shows.");
            }
        }
        if (debug) {
            failure.printStackTrace(err);
        }
        return failure instanceof BadInputException ? USAGE : FAULT;
    }

    /** Tells the version that the jar's manifest names. */
    static final class Version implements IVersionProvider {
        @Override
        public String[] getVersion() {
            @Nullable String version = MeshCommand.class.getPackage().getImplementationVersion();
            return new String[] {
                "mesh " + (version == null ? "(not packaged)" : version),
                "Java " + Runtime.version() + ", " + System.getProperty("os.name") + " " + System.getProperty("os.arch")
            };
        }
    }
}
