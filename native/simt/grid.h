// A whole launch: the blocks of a grid over CPU threads.
#pragma once

#include <optional>

#include "block.h"

namespace mote::simt {

// Threads that run blocks: MOTE_SIMT_THREADS, or as many as the machine has processors.
int workers();

// Runs the grid and returns when all of it has ended. Blocks are taken in ascending order by
// several CPU threads, one of them the caller's. One launch at a time: others wait for it. The
// fault is the first that ended the launch; blocks that had not begun by then do not run.
std::optional<Fault> run(const Launch& launch);

}  // namespace mote::simt
