package mote.gpu;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.lang.reflect.Method;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

/** What compute-sanitizer says, in its words, and what is made of it. */
final class SanitizerPartTest {
  private static final String BEGIN = "========= COMPUTE-SANITIZER\npassed a test\n";
  private static final String WRITE =
      """
      ========= Invalid __global__ write of size 4 bytes
      =========     at 0x160 in mote_update_f32
      =========     by thread (63,0,0) in block (0,0,0)
      =========     Address 0x7f1e5a000100 is out of bounds
      """;
  private static final String RACE =
      """
      ========= Error: Race reported between Write access at 0x90 in mote_mixer16_f16
      =========     and Read access at 0xd0 in mote_mixer16_f16 [32 hazards]
      """;
  private static final String WARNING =
      "========= Warning: Race reported between Write access at 0x90 in mote_mixer16_f16\n";
  private static final String CALL =
      "========= Program hit CUDA_ERROR_INVALID_VALUE (error 1) due to \"invalid argument\" on CUDA API call to cuMemcpyHtoD_v2.\n";

  private static void assertJudged(String status, Integer errors, String text, Integer exitCode) {
    assertEquals(status, SanitizerPart.status(text, exitCode));
    assertEquals(errors, SanitizerPart.errors(text));
  }

  @Test
  void nothingFound() {
    assertJudged("passed", 0, BEGIN + "========= ERROR SUMMARY: 0 errors\n", 0);
    String races =
        BEGIN + "========= RACECHECK SUMMARY: 0 hazards displayed (0 errors, 0 warnings)\n";
    assertJudged("passed", 0, races, 0);
  }

  @Test
  void errorsAndHazardsFail() {
    assertJudged("failed", 1, BEGIN + WRITE + "========= ERROR SUMMARY: 1 error\n", 86);
    // Whatever the exit code says.
    assertJudged("failed", 12, BEGIN + WRITE + "========= ERROR SUMMARY: 12 errors\n", 0);
    String races = "========= RACECHECK SUMMARY: 1 hazard displayed (1 error, 0 warnings)\n";
    assertJudged("failed", 1, BEGIN + RACE + races, 86);
    String warnings = "========= RACECHECK SUMMARY: 2 hazards displayed (0 errors, 2 warnings)\n";
    assertJudged("failed", 2, BEGIN + WARNING + WARNING + warnings, 0);
  }

  /** Each process that the tool follows has a summary of its own. */
  @Test
  void summariesAreAddedUp() {
    String none = "========= ERROR SUMMARY: 0 errors\n";
    assertJudged("failed", 2, BEGIN + "========= ERROR SUMMARY: 2 errors\n" + none, 0);
    assertJudged("passed", 0, BEGIN + none + none, 0);
  }

  /** Of the program, with the tool's summary or without. */
  @Test
  void crashesFail() {
    String crash =
        "========= Error: process didn't terminate successfully\n"
            + "========= Target application returned an error\n";
    assertJudged("failed", 0, BEGIN + crash + "========= ERROR SUMMARY: 0 errors\n", 134);
    assertJudged("failed", null, BEGIN + crash, 255);
    assertJudged("failed", null, BEGIN, 137);
    assertJudged("failed", null, "", 0);
    assertJudged("failed", null, "========= Internal Sanitizer Error: device not supported\n", 1);
  }

  @Test
  void whatHadToBeEndedFailsWhereSomethingWasFound() {
    for (String found : new String[] {WRITE, RACE, WARNING, CALL}) {
      assertJudged("failed", null, BEGIN + found, null);
    }
    assertJudged("cut off", null, BEGIN, null);
    assertJudged("cut off", null, "", null);
    // The tool's word for its program's end, as that was brought about.
    String ended = "========= Error: process didn't terminate successfully\n";
    assertJudged("cut off", null, BEGIN + ended, null);
    String hazard = "========= Error: Potential WAW hazard detected at __shared__ 0x0 in block\n";
    assertJudged("failed", null, BEGIN + hazard, null);
    // A test that says so is no finding of the tool.
    assertJudged("cut off", null, BEGIN + "Error: Invalid\n", null);
    assertNull(SanitizerPart.errors("ERROR SUMMARY: unknown"));
  }

  /** On Hopper 12 runs: the contract's four get most of the time, and all of it is given out. */
  @Test
  void timeIsSharedByWeight() {
    List<String> form = List.of("contract", "contract", "golden", "golden", "golden", "golden");
    List<String> open = new ArrayList<>(form);
    open.addAll(form);
    assertEquals(480 * 6 / 32.0, SanitizerPart.share(480, open));
    double left = 480;
    while (!open.isEmpty()) {
      left -= SanitizerPart.share(left, open);
      open.removeFirst();
    }
    assertEquals(0, left, 1e-9);
    assertEquals(
        15, SanitizerPart.share(60, form.subList(2, 6)), "what one leaves the others have");
  }

  /** A name that no test has any more would leave an operation unchecked, and nobody would know. */
  @Test
  void everyTestThatIsChosenIsThereAndEveryOperationIsChosen() throws ClassNotFoundException {
    Class<?> suite = Class.forName("mote.contract.CudaContractTest");
    Set<String> parts = new TreeSet<>();
    Set<String> found = new TreeSet<>();
    for (Class<?> part : suite.getInterfaces()) {
      for (Method method : part.getDeclaredMethods()) {
        if (SanitizerPart.TESTS.contains(method.getName())) {
          parts.add(part.getSimpleName());
          found.add(method.getName());
        }
      }
    }
    for (Method method :
        Class.forName("mote.contract.CudaHopperContractTest").getDeclaredMethods()) {
      found.add(method.getName());
    }
    assertEquals(
        Set.of(
            "EncodeContract",
            "SampleContract",
            "CorrelateContract",
            "RefineContract",
            "SettleContract",
            "MatchContract"),
        parts);
    assertTrue(found.containsAll(SanitizerPart.TESTS), found.toString());
  }
}
