#pragma once

#include "scheduler.h"

namespace emulation {

void prepare_dynamic_shared_memory(Block& block);
// After a block has finished: fails when something was written just outside of an array.
void check_shared_memory(Block& block);
void release(SharedArray& array);

} // namespace emulation
