// Runs the tests of the execution core; the exit status is 1 if one failed.
#include "launch.h"

int main() {
  mote::test::test_numbers();
  mote::test::test_threads();
  mote::test::test_warps();
  mote::test::test_fragments();
  mote::test::test_faults();
  mote::test::test_wgmma();
  mote::test::test_clusters();
  std::printf("%s\n", mote::test::failures == 0 ? "passed" : "FAILED");
  return mote::test::failures == 0 ? 0 : 1;
}
