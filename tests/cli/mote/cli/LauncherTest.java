package mote.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import java.io.File;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The launcher: finds the JDK and the build from anywhere, names what is missing. */
class LauncherTest {
  private static final Path LAUNCHER = Path.of("mote");

  @TempDir Path folder;

  private record Ended(int code, String out, String err) {}

  @Test
  void runsABuildFromAnyFolderThroughALinkWithSpaces() throws Exception {
    Path root = repository();
    Path link = Files.createSymbolicLink(folder.resolve("m o t e"), root.resolve("mote"));
    // No archive of classes: the JVM makes none of the folders of classes that tests run from.
    Ended ended = run(link, Map.of());
    assertEquals(0, ended.code(), ended.out() + ended.err());
    CliFixture.assertContains(ended.out(), "mote ");
    CliFixture.assertContains(ended.out(), "Java ");
  }

  @Test
  void aMissingJdkIsNamedWithTheCommandThatInstallsIt() throws Exception {
    Path root = repository();
    // The script without the places where this machine keeps its JDKs.
    String script = Files.readString(LAUNCHER).replace("/usr/lib/jvm/*", "/nonexistent/*");
    assertFalse(script.equals(Files.readString(LAUNCHER)));
    Path blind = Files.writeString(root.resolve("mote"), script);
    Path old = Files.createDirectories(folder.resolve("old/bin"));
    program(old.resolve("javac"), "exit 0");
    Files.writeString(folder.resolve("old/release"), "JAVA_VERSION=\"17.0.15\"\n");
    Ended ended =
        run(
            blind,
            Map.of(
                "JAVA_HOME",
                folder.resolve("old").toString(),
                "PATH",
                tools("sed", "readlink", "dirname", "cat", "find", "head", "uname")));
    assertEquals(1, ended.code());
    CliFixture.assertContains(ended.err(), "mote: JDK 25 is missing: found=17;");
    CliFixture.assertContains(ended.err(), "apt-get install openjdk-25-jdk");
    CliFixture.assertContains(ended.err(), "brew install --cask temurin@25");
  }

  @Test
  void aMissingMavenIsNamedWhereABuildIsNeeded() throws Exception {
    Path root = repository();
    Files.delete(root.resolve("java/cli/target/launcher.stamp"));
    Ended ended =
        run(
            root.resolve("mote"),
            Map.of("PATH", tools("sed", "readlink", "dirname", "cat", "find", "head", "uname")));
    assertEquals(1, ended.code());
    CliFixture.assertContains(ended.err(), "mote: Maven is missing: needed=3.8 or newer;");
    CliFixture.assertContains(ended.err(), "apt-get install maven");
  }

  /** Without one the Java reference runs on; the first start with one builds the engine. */
  @Test
  void aCompilerThatWasInstalledLaterIsUsed() throws Exception {
    Path root = repository();
    Path natives = Files.createDirectories(root.resolve("java/cpu/target/classes/mote/cpu/native"));
    Files.writeString(natives.resolve("missing"), "g++");
    String few =
        tools("sed", "readlink", "dirname", "cat", "find", "head", "uname", "cmake", "make");
    Map<String, String> before = Map.of("PATH", few);
    Ended runs = run(root.resolve("mote"), before);
    assertEquals(0, runs.code(), runs.err());
    tools("g++");
    Ended builds = run(root.resolve("mote"), before);
    assertEquals(1, builds.code());
    CliFixture.assertContains(builds.err(), "mote: Maven is missing: ");
  }

  /** A folder with the launcher and what a build leaves for it, at a path with a space. */
  private Path repository() throws IOException {
    Path root = folder.toRealPath().resolve("a clone");
    Path target = Files.createDirectories(root.resolve("java/cli/target"));
    Files.copy(LAUNCHER, root.resolve("mote"), StandardCopyOption.COPY_ATTRIBUTES);
    Files.copy(Path.of("pom.xml"), root.resolve("pom.xml"));
    String libraries =
        Arrays.stream(System.getProperty("java.class.path").split(File.pathSeparator))
            .filter(entry -> Files.exists(Path.of(entry)))
            .collect(Collectors.joining(File.pathSeparator));
    Files.writeString(target.resolve("libraries"), libraries);
    Files.writeString(target.resolve("launcher.stamp"), root + "\n");
    return root;
  }

  /** A folder of programs, for a PATH that has nothing else. */
  private String tools(String... names) throws IOException {
    Path bin = Files.createDirectories(folder.resolve("bin"));
    for (String name : names) {
      program(bin.resolve(name), "exec /usr/bin/" + name + " \"$@\"");
    }
    return bin.toString();
  }

  private static void program(Path file, String command) throws IOException {
    Files.writeString(file, "#!/bin/sh\n" + command + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
  }

  private Ended run(Path launcher, Map<String, String> environment) throws Exception {
    ProcessBuilder builder =
        new ProcessBuilder("/bin/bash", launcher.toString()).directory(folder.toFile());
    builder.command().add("--version");
    builder.environment().putAll(environment);
    builder.redirectOutput(folder.resolve("out.txt").toFile());
    builder.redirectError(folder.resolve("err.txt").toFile());
    Process process = builder.start();
    if (!process.waitFor(60, TimeUnit.SECONDS)) {
      process.destroyForcibly();
      throw new AssertionError("did not end: " + builder.command());
    }
    return new Ended(
        process.exitValue(),
        Files.readString(folder.resolve("out.txt")),
        Files.readString(folder.resolve("err.txt")));
  }
}
