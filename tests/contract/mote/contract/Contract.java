package mote.contract;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.util.List;
import java.util.Map;
import mote.engine.BackendProvider;
import mote.engine.OpenResources;
import mote.engine.Precision;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;

/**
 * What every part of the contract suite needs. A backend's test implements all parts in one class
 * of ten lines and says only which provider is meant. A provider that is unavailable is skipped
 * with its reason.
 */
interface Contract {
  BackendProvider provider();

  /** Precisions that are checked against the reference. */
  default List<Precision> precisions() {
    return List.of(Precision.F32);
  }

  @BeforeEach
  default void skipWhereUnavailable() {
    String refusal = provider().unavailable();
    if (refusal != null) {
      System.out.println("skipped: " + provider().name() + ": " + refusal);
    }
    assumeTrue(refusal == null, refusal);
  }

  @AfterEach
  default void nothingLeaks() {
    assertEquals(Map.of(), OpenResources.open());
  }
}
