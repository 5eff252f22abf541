package mote.cpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A quota is found in the group of the process or above it, in both versions of control groups. */
final class ProcessorQuotaTest {
  @TempDir Path folder;
  private Path membership;

  @BeforeEach
  void makeGroups() throws IOException {
    membership = folder.resolve("cgroup");
    Files.createDirectories(folder.resolve("fs/a/b"));
    Files.createDirectories(folder.resolve("fs/cpu/a/b"));
  }

  private ProcessorQuota find(String lines) throws IOException {
    Files.writeString(membership, lines);
    return ProcessorQuota.find(membership, folder.resolve("fs"));
  }

  private Path file(String name, String content) throws IOException {
    return Files.writeString(folder.resolve("fs").resolve(name), content);
  }

  @Test
  void versionTwo() throws IOException {
    assertNull(find("0::/a/b\n"));
    file("a/b/cpu.max", "max 100000\n");
    assertNull(find("0::/a/b\n"));
    Path above = file("a/cpu.max", "150000 100000\n");
    assertEquals(new ProcessorQuota(1.5, above), find("0::/a/b\n"));
    assertNull(find("0::/\n"), "not in that group");
    Path root = file("cpu.max", "400000 100000\n");
    assertEquals(new ProcessorQuota(4, root), find("0::/\n"));
    assertEquals(new ProcessorQuota(4, root), find("0::/elsewhere/not/seen\n"));
    assertEquals(new ProcessorQuota(4, root), find("0::/../outside\n"));
  }

  @Test
  void versionOne() throws IOException {
    String lines = "5:memory:/a\n4:cpu,cpuacct:/a/b\n3:cpuset:/\n";
    assertNull(find(lines));
    file("cpu/a/b/cpu.cfs_quota_us", "-1\n");
    file("cpu/a/b/cpu.cfs_period_us", "100000\n");
    assertNull(find(lines));
    Path quota = file("cpu/a/b/cpu.cfs_quota_us", "50000\n");
    assertEquals(new ProcessorQuota(.5, quota), find(lines));
    assertNull(find("5:memory:/a/b\n3:cpuset:/a/b\n"));
  }

  @Test
  void whereThereAreNoGroups() throws IOException {
    assertNull(ProcessorQuota.find(folder.resolve("none"), folder));
  }
}
