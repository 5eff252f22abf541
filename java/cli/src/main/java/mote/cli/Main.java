package mote.cli;

import java.io.PrintWriter;
import java.io.StringWriter;
import mote.engine.MoteException;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.UnmatchedArgumentException;

/**
 * The command line. Results go to standard output, everything said about the way there to standard
 * error. Exit codes: 0 ok, 1 the work failed, 2 wrong usage, 130 interrupted.
 */
public final class Main {
  /** The work failed; a message on standard error says why. */
  public static final int FAILED = 1;

  /** The command was not understood. */
  public static final int USAGE = 2;

  /** Ctrl-C: what had been done until then was kept. */
  public static final int INTERRUPTED = 130;

  private Main() {}

  public static void main(String[] arguments) {
    PrintWriter out = new PrintWriter(System.out, true);
    PrintWriter err = new PrintWriter(System.err, true);
    System.exit(run(out, err, arguments));
  }

  /** Runs one command as {@link #main} does, without ending the JVM. */
  public static int run(PrintWriter out, PrintWriter err, String... arguments) {
    CommandLine line = new CommandLine(new MoteCommand());
    shareVersion(line);
    line.setOut(out).setErr(err).setUsageHelpWidth(100);
    line.setCaseInsensitiveEnumValuesAllowed(true);
    line.setParameterExceptionHandler(Main::usageError);
    line.setExecutionExceptionHandler(
        (exception, command, parsed) ->
            exception instanceof UsageException wrong
                ? usageError(command, wrong.getMessage())
                : failure(exception, err));
    int code = line.execute(arguments);
    out.flush();
    err.flush();
    return code;
  }

  /** Every command has --version: without this they would print nothing. */
  private static void shareVersion(CommandLine line) {
    line.getCommandSpec().versionProvider(new Version());
    line.getSubcommands().values().forEach(Main::shareVersion);
  }

  private static int usageError(ParameterException exception, String[] arguments) {
    CommandLine command = exception.getCommandLine();
    if (exception.getCause() instanceof UsageException wrong) { // of one of our converters
      return usageError(command, wrong.getMessage());
    }
    String suggestions = suggestions(exception);
    return usageError(command, exception.getMessage() + suggestions);
  }

  /** Lines for what was misspelt, each after a line break. */
  private static String suggestions(ParameterException exception) {
    StringWriter text = new StringWriter();
    UnmatchedArgumentException.printSuggestions(exception, new PrintWriter(text, true));
    return text.toString().isEmpty()
        ? ""
        : System.lineSeparator() + text.toString().stripTrailing();
  }

  private static int usageError(CommandLine command, String message) {
    PrintWriter err = command.getErr();
    err.println("mote: " + message);
    err.println("Try '" + command.getCommandSpec().qualifiedName() + " --help'.");
    return USAGE;
  }

  private static int failure(Exception exception, PrintWriter err) throws Exception {
    boolean debug = "1".equals(System.getenv("MOTE_DEBUG"));
    if (debug) {
      exception.printStackTrace(err);
    }
    if (exception instanceof MoteException) {
      err.println("mote: " + exception.getMessage());
    } else if (!debug) {
      err.println(
          "mote: this should not happen: error="
              + exception
              + "; please report it with what MOTE_DEBUG=1 prints");
    }
    return FAILED;
  }
}
