// mote-awake [PROCESSOR...]: keeps processors from falling asleep until its standard input ends.
//
// One thread of idle priority on each of them (default: on each that the parent may run on) does
// nothing. A processor that sleeps for most of a frame's time may have lost its caches and be late
// to wake. Work of the same session or control group takes the processor from these threads at
// once; against that of others they count as ordinary load.
//
// It is a program of its own because such threads end only when they get to run, which others' work
// may put off for seconds, and a process ends when all of its threads have: this one holds up
// nobody. Its standard input also ends when the parent is killed.
//
// Prints the number of processors, or, with exit status 1, what the system refused.
#include <pthread.h>
#include <sched.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <cstring>

namespace {

[[noreturn]] void refuse(int processor, const char* step, int status) {
  std::printf("processor=%d, step=%s, cause=%s\n", processor, step, std::strerror(status));
  std::fflush(stdout);
  _exit(1);
}

void require(int status, int processor, const char* step) {
  if (status != 0) {
    refuse(processor, step, status);
  }
}

void* spin(void*) {
  for (;;) {
    __builtin_ia32_pause();
  }
}

// The first thread of the parent is asked: OpenMP may have bound the others to one processor each.
cpu_set_t allowed_to_parent() {
  cpu_set_t allowed;
  CPU_ZERO(&allowed);
  require(sched_getaffinity(getppid(), sizeof allowed, &allowed) == 0 ? 0 : errno, -1, "mask");
  return allowed;
}

cpu_set_t named(int count, char** names) {
  cpu_set_t set;
  CPU_ZERO(&set);
  for (int i = 0; i < count; i++) {
    char* end = nullptr;
    const long processor = std::strtol(names[i], &end, 10);
    if (end == names[i] || *end != '\0' || processor < 0 || processor >= CPU_SETSIZE) {
      refuse(-1, "arguments", EINVAL);
    }
    CPU_SET(static_cast<size_t>(processor), &set);
  }
  return set;
}

void keep_awake(int processor) {
  pthread_attr_t attributes;
  require(pthread_attr_init(&attributes), processor, "attributes");
  require(pthread_attr_setinheritsched(&attributes, PTHREAD_EXPLICIT_SCHED), processor, "priority");
  cpu_set_t one;
  CPU_ZERO(&one);
  CPU_SET(static_cast<size_t>(processor), &one);
  require(pthread_attr_setaffinity_np(&attributes, sizeof one, &one), processor, "affinity");
  pthread_t thread;
  require(pthread_create(&thread, &attributes, spin, nullptr), processor, "thread");
  const sched_param none{};  // attributes know no SCHED_IDLE
  require(pthread_setschedparam(thread, SCHED_IDLE, &none), processor, "SCHED_IDLE");
  pthread_attr_destroy(&attributes);
}

}  // namespace

int main(int count, char** arguments) {
  std::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the parent, which says when it has ended
  const cpu_set_t processors = count > 1 ? named(count - 1, arguments + 1) : allowed_to_parent();
  for (int processor = 0; processor < CPU_SETSIZE; processor++) {
    if (CPU_ISSET(static_cast<size_t>(processor), &processors)) {
      keep_awake(processor);
    }
  }
  std::printf("%d\n", CPU_COUNT(&processors));
  std::fflush(stdout);
  char ignored[64];
  ssize_t got = 0;
  do {
    got = read(STDIN_FILENO, ignored, sizeof ignored);
  } while (got > 0 || (got < 0 && errno == EINTR));
  _exit(0);
}
