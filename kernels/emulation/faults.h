#pragma once

#include <string>

#include "scheduler.h"

namespace emulation {

const char* collective_name(Collective kind);

// In words: which allocation, and how far from it.
std::string describe_address(const void* address);

// While it lives, memory faults of kernels become failures of the launch; those of anybody else go to who handled them before. It lives no longer than a
// launch, because .NET's handler, which makes exceptions of null references, does not bear being called by another.
class SignalHandlers {
public:
    SignalHandlers();
    ~SignalHandlers();
    SignalHandlers(const SignalHandlers&) = delete;
    SignalHandlers& operator=(const SignalHandlers&) = delete;
};

// A worker needs a stack of its own for signals, because a kernel may have overrun its own.
void prepare_worker_for_signals();
constexpr int interrupt_signal_offset = 7; // SIGRTMIN + this ends a kernel that loops for ever.
void report_signal(Worker& worker);

} // namespace emulation
