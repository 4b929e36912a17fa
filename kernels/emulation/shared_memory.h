#pragma once

#include "scheduler.h"

namespace emulation {

void prepare_dynamic_shared_memory(Block& block);
// After a block has finished: fails when something was written just outside of an array.
void check_shared_memory(Block& block);
void release(SharedArray& array);
bool is_shared_memory_of(const Block& block, const void* address, std::size_t bytes);
// What lies in another block where the address lies in the running one: the array is made there, if no thread has come to its declaration. Null: in no array.
char* same_place(Block& other, const void* address);

} // namespace emulation
