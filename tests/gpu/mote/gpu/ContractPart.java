package mote.gpu;

import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import mote.cuda.Form;
import mote.cuda.Gemm;
import mote.engine.MoteException;
import org.junit.platform.engine.FilterResult;
import org.junit.platform.engine.TestDescriptor;
import org.junit.platform.engine.TestExecutionResult;
import org.junit.platform.engine.UniqueId;
import org.junit.platform.engine.discovery.DiscoverySelectors;
import org.junit.platform.engine.support.descriptor.MethodSource;
import org.junit.platform.launcher.LauncherDiscoveryRequest;
import org.junit.platform.launcher.PostDiscoveryFilter;
import org.junit.platform.launcher.TestExecutionListener;
import org.junit.platform.launcher.TestIdentifier;
import org.junit.platform.launcher.core.LauncherDiscoveryRequestBuilder;
import org.junit.platform.launcher.core.LauncherFactory;

/**
 * The contract suite as it is (tests/contract), by JUnit's own launcher: each mixer's part of it.
 */
final class ContractPart implements Part {
  private static final String FOLDER = "mote.contract.";

  /** Suites, and the mixer that each of them checks. */
  private static final Map<String, MixerForm> SUITES =
      Map.of(
          FOLDER + "CudaContractTest", new MixerForm(Gemm.FUSED, Form.PORTABLE),
          FOLDER + "CudaHopperContractTest", new MixerForm(Gemm.FUSED, Form.HOPPER),
          FOLDER + "CudaCublasContractTest", new MixerForm(Gemm.CUBLAS, Form.PORTABLE));

  /**
   * A test that ended.
   *
   * @param gemm whose products the mixer was made of; null where JUnit itself failed
   * @param form which kernels ran; null likewise
   */
  record Row(
      String gemm, String form, String test, String status, String message, double seconds) {}

  @Override
  public String name() {
    return "contract";
  }

  @Override
  public Outcome run(Settings settings, Results results) {
    List<Form> forms = settings.forms(name(), results);
    LauncherDiscoveryRequest request =
        LauncherDiscoveryRequestBuilder.request()
            .selectors(
                SUITES.entrySet().stream()
                    .filter(suite -> forms.contains(suite.getValue().form()))
                    .map(suite -> DiscoverySelectors.selectClass(suite.getKey()))
                    .toList())
            .filters(matching(Pattern.compile(settings.tests)))
            .build();
    AtomicInteger passed = new AtomicInteger();
    AtomicInteger failed = new AtomicInteger();
    AtomicInteger skipped = new AtomicInteger();
    TestExecutionListener listener =
        new TestExecutionListener() {
          private long began;

          @Override
          public void executionStarted(TestIdentifier test) {
            began = System.nanoTime();
          }

          @Override
          public void executionSkipped(TestIdentifier test, String reason) {
            results.row(name(), row(test, "skipped", reason, 0));
          }

          @Override
          public void executionFinished(TestIdentifier test, TestExecutionResult result) {
            boolean aborted = result.getStatus() == TestExecutionResult.Status.ABORTED;
            boolean successful = result.getStatus() == TestExecutionResult.Status.SUCCESSFUL;
            if (successful && !test.isTest()) {
              return;
            }
            (successful ? passed : aborted ? skipped : failed).incrementAndGet();
            String message = result.getThrowable().map(Throwable::toString).orElse(null);
            String status = successful ? "passed" : aborted ? "skipped" : "failed";
            double seconds = (System.nanoTime() - began) / 1e9;
            results.row(name(), row(test, status, message, seconds));
            System.out.printf("%-6s %s: %s%n", status, mixer(test), label(test));
            if (message != null) {
              System.out.println("       " + message);
            }
          }
        };
    LauncherFactory.create().execute(request, listener);
    System.out.printf(
        "contract: %d passed, %d failed, %d skipped%n", passed.get(), failed.get(), skipped.get());
    if (passed.get() + failed.get() == 0) {
      throw new MoteException(
          "no test was run: tests=" + settings.tests + "; give names of methods");
    }
    return failed.get() == 0 ? Outcome.PASSED : Outcome.FAILED;
  }

  private static Row row(TestIdentifier test, String status, String message, double seconds) {
    MixerForm mixer = mixer(test);
    String gemm = mixer == null ? null : mixer.gemm().id();
    String form = mixer == null ? null : mixer.form().id();
    return new Row(gemm, form, label(test), status, message, seconds);
  }

  /** Of the suite that a test or a container of tests is of; null of JUnit itself. */
  private static MixerForm mixer(TestIdentifier test) {
    return UniqueId.parse(test.getUniqueId()).getSegments().stream()
        .map(segment -> SUITES.get(segment.getValue()))
        .filter(Objects::nonNull)
        .findFirst()
        .orElse(null);
  }

  private static String label(TestIdentifier test) {
    String method =
        test.getSource()
            .filter(MethodSource.class::isInstance)
            .map(source -> ((MethodSource) source).getMethodName() + " ")
            .orElse("");
    return method + test.getDisplayName();
  }

  /** Keeps methods whose name matches. */
  private static PostDiscoveryFilter matching(Pattern pattern) {
    return descriptor -> {
      boolean method = descriptor.getSource().filter(MethodSource.class::isInstance).isPresent();
      return FilterResult.includedIf(!method || matches(descriptor, pattern));
    };
  }

  private static boolean matches(TestDescriptor descriptor, Pattern pattern) {
    return pattern.matcher(((MethodSource) descriptor.getSource().get()).getMethodName()).matches();
  }
}
