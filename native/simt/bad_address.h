// Turns the processor's "no such memory" inside of a kernel into the end of its launch.
#pragma once

#include <signal.h>

namespace mote::simt {

// While it lives, SIGSEGV and SIGBUS of a thread that runs a kernel end the kernel's launch; those
// of other threads go where they went before (a JVM lives by them). One at a time.
class BadAddresses {
 public:
  BadAddresses();
  ~BadAddresses();
  BadAddresses(const BadAddresses&) = delete;
  BadAddresses& operator=(const BadAddresses&) = delete;

 private:
  struct sigaction segv_;
  struct sigaction bus_;
};

}  // namespace mote::simt
