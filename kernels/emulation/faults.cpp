#include "faults.h"

#include <signal.h>
#include <sys/mman.h>
#include <ucontext.h>

#include <cstdio>

#include "device_memory.h"
#include "driver_types.h"

namespace emulation {

namespace {

constexpr std::size_t signal_stack_bytes = 64 * 1024;
constexpr int handled[] = {SIGSEGV, SIGBUS, SIGILL, SIGFPE};
struct sigaction previous[NSIG];

// The fibre that runs is left for good: the interrupted context goes on where the scheduler last switched away.
void leave_kernel(ucontext_t& context, void* scheduler) {
#if defined(__x86_64__)
    context.uc_mcontext.gregs[REG_RSP] = reinterpret_cast<greg_t>(scheduler);
    context.uc_mcontext.gregs[REG_RIP] = reinterpret_cast<greg_t>(&emulation_resume);
#else
    context.uc_mcontext.sp = reinterpret_cast<std::uintptr_t>(scheduler);
    context.uc_mcontext.pc = reinterpret_cast<std::uintptr_t>(&emulation_resume);
#endif
}

bool is_write(const ucontext_t& context) {
#if defined(__x86_64__)
    return (context.uc_mcontext.gregs[REG_ERR] & 2) != 0;
#else
    (void)context;
    return false;
#endif
}

void pass_on(int signal, siginfo_t* information, void* context) {
    const struct sigaction& other = previous[signal];
    if ((other.sa_flags & SA_SIGINFO) != 0) {
        other.sa_sigaction(signal, information, context);
    } else if (other.sa_handler == SIG_DFL) {
        // Returning repeats the instruction, and this time it ends the process.
        sigaction(signal, &other, nullptr);
    } else if (other.sa_handler != SIG_IGN) {
        other.sa_handler(signal);
    }
}

void handle(int signal, siginfo_t* information, void* context) {
    Worker* const worker = current_worker;
    if (worker == nullptr || !worker->runs_kernel) {
        pass_on(signal, information, context);
        return;
    }
    ucontext_t& interrupted = *static_cast<ucontext_t*>(context);
    worker->signal = signal;
    worker->signal_code = information->si_code;
    worker->signal_address = reinterpret_cast<std::uintptr_t>(information->si_addr);
    worker->signal_is_write = is_write(interrupted);
    worker->runs_kernel = false;
    leave_kernel(interrupted, worker->scheduler);
}

void handle_interrupt(int signal, siginfo_t* information, void* context) {
    if (current_worker != nullptr && current_worker->runs_kernel) {
        handle(signal, information, context);
    }
}

} // namespace

SignalHandlers::SignalHandlers() {
    struct sigaction action = {};
    action.sa_sigaction = handle;
    action.sa_flags = SA_SIGINFO | SA_ONSTACK | SA_RESTART;
    sigemptyset(&action.sa_mask);
    for (const int signal : handled) {
        sigaction(signal, &action, &previous[signal]);
    }
    action.sa_sigaction = handle_interrupt;
    sigaction(SIGRTMIN + interrupt_signal_offset, &action, nullptr);
}

SignalHandlers::~SignalHandlers() {
    for (const int signal : handled) {
        sigaction(signal, &previous[signal], nullptr);
    }
}

void prepare_worker_for_signals() {
    stack_t stack = {};
    stack.ss_sp = mmap(nullptr, signal_stack_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    stack.ss_size = signal_stack_bytes;
    sigaltstack(&stack, nullptr);
}

std::string describe_address(const void* address) {
    char text[320];
    const std::uintptr_t at = reinterpret_cast<std::uintptr_t>(address);
    if (at < 4096) {
        std::snprintf(text, sizeof text, "address 0x%zx (a null pointer)", static_cast<std::size_t>(at));
        return text;
    }
    const Block& block = *current_worker->block;
    const auto near = [&](const SharedArray& array) {
        const std::uintptr_t first = reinterpret_cast<std::uintptr_t>(array.pages);
        return array.pages != nullptr && at >= first && at < first + array.mapped_bytes;
    };
    const SharedArray* shared = near(block.dynamic) ? &block.dynamic : nullptr;
    for (const SharedArray& array : block.shared) {
        shared = near(array) ? &array : shared;
    }
    if (shared != nullptr) {
        std::snprintf(text, sizeof text, "byte %zd of shared array %s of %zu bytes", static_cast<std::ptrdiff_t>(at - reinterpret_cast<std::uintptr_t>(shared->address)),
            shared->name, shared->bytes);
        return text;
    }
    return describe_device_address(at);
}

void report_signal(Worker& worker) {
    const void* const address = reinterpret_cast<const void*>(worker.signal_address);
    const Block& block = *worker.block;
    const std::string who = block.describe(*worker.lane) + ": ";
    const char* const access = worker.signal_is_write ? "writes" : "reads";
    const int signal = worker.signal;
    worker.signal = 0;
    if (signal == SIGRTMIN + interrupt_signal_offset) {
        block.launch->fail({CUDA_ERROR_LAUNCH_TIMEOUT, who + "loops without end, without spin_pause and without progress of any block"});
    } else if (signal == SIGILL) {
        block.launch->fail({CUDA_ERROR_ILLEGAL_INSTRUCTION, who + "reached code that cannot be reached (__builtin_unreachable or a trap)"});
    } else if (signal == SIGFPE) {
        block.launch->fail({CUDA_ERROR_LAUNCH_FAILED, who + "divides an integer by zero"});
    } else if (worker.stacks.is_guard(address) || worker.stacks.has_overrun()) {
        block.launch->fail({CUDA_ERROR_LAUNCH_FAILED, who + "needs more than 256 KB of local memory"});
#if defined(__x86_64__)
    } else if (signal == SIGSEGV && worker.signal_code == SI_KERNEL) {
        // An aligned vector instruction, or an address that no address space has; the processor does not say which address it was.
        block.launch->fail({CUDA_ERROR_MISALIGNED_ADDRESS, who + "misaligned vector access, or an address that is no address"});
#endif
    } else if (signal == SIGBUS && worker.signal_code == BUS_ADRALN) {
        block.launch->fail({CUDA_ERROR_MISALIGNED_ADDRESS, who + "misaligned access at " + describe_address(address)});
    } else {
        block.launch->fail({CUDA_ERROR_ILLEGAL_ADDRESS, who + access + " " + describe_address(address)});
    }
}

} // namespace emulation
