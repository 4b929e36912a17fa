#pragma once

#include <string>

#include "scheduler.h"

namespace emulation {

// Runs a launch on the workers; returns when all its blocks have finished or it has failed.
Failure run_launch(Launch& launch);
unsigned worker_count();

} // namespace emulation
