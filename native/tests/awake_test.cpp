// Processors are kept awake all or none.
#include "../cpu/awake.h"

#include <dirent.h>

#include <chrono>
#include <fstream>
#include <thread>

#include "../cpu/failure.h"
#include "../include/mote.h"
#include "check.h"
#include "tables.h"

namespace mote::test {
namespace {

int threads_awake() {
  int count = 0;
  DIR* tasks = opendir("/proc/self/task");
  while (const dirent* task = readdir(tasks)) {
    std::string name;
    std::getline(std::ifstream(std::string("/proc/self/task/") + task->d_name + "/comm"), name);
    count += name == "mote-awake";
  }
  closedir(tasks);
  return count;
}

// The threads end, and are named, a moment after they were told to.
bool becomes(int expected) {
  for (int i = 0; i < 1000 && threads_awake() != expected; i++) {
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  return threads_awake() == expected;
}

}  // namespace

void test_awake() {
  const cpu_set_t allowed = allowed_processors();
  {
    const Awake awake(allowed);
    check(awake.processors() == CPU_COUNT(&allowed), "a thread a processor");
    check(becomes(awake.processors()), "threads run");
  }
  check(becomes(0), "threads end");

  cpu_set_t more = allowed;
  CPU_SET(CPU_SETSIZE - 1, &more);  // no machine of the tests has it
  std::string refused;
  try {
    const Awake awake(more);
  } catch (const Failure& failure) {
    check(failure.status() == MOTE_UNSUPPORTED, "status");
    refused = failure.what();
  }
  check(refused ==
            "processors cannot be kept awake: processor=1023, step=thread, "
            "cause=Invalid argument; do without",
        "a processor that is not there: " + refused);
  check(becomes(0), "those that had started end");
}

}  // namespace mote::test
