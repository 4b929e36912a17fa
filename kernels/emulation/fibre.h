#pragma once

#include <cstddef>
#include <memory>
#include <vector>

// Fibres: a CUDA thread that can wait in the middle of its kernel. Switching saves the callee-saved registers and changes stacks, nothing more.

namespace emulation {

// Stores where to go on into *save and goes on at restore.
extern "C" __attribute__((visibility("hidden"))) void emulation_switch(void** save, void* restore);
// Second half of emulation_switch: a signal handler that sets the stack pointer to a saved one and jumps here leaves a fibre for good.
extern "C" __attribute__((visibility("hidden"))) void emulation_resume();

struct Stack {
    char* lowest; // Holds a canary: below lies another thread's stack, or the slab's guard pages.
    char* top;
    void* first_switch; // Give this to emulation_switch, and entry runs on this stack.
};

// Stacks of one worker; they are kept, because a warm one is in the cache. They come in slabs with one guard each: a guard for every stack
// would take two mappings a thread, and a cooperative grid of 16 full blocks half of the 65,530 that Linux gives a process.
class StackPool {
public:
    static constexpr std::size_t stack_bytes = 256 * 1024;
    static constexpr std::size_t slab_stacks = 32;

    explicit StackPool(void (*entry)()) : entry_(entry) {}
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    Stack* take();
    void give(Stack* stack) { free_.push_back(stack); }
    // After a launch that ended in the middle: all stacks are free.
    void take_back_all();
    bool is_guard(const void* address) const;
    static bool is_overrun(const Stack& stack);
    bool has_overrun() const;

private:
    void add_slab();
    void prepare(Stack& stack) const;

    void (*entry_)();
    std::vector<char*> slabs_; // Where each one's guard pages begin.
    std::vector<std::unique_ptr<Stack>> all_;
    std::vector<Stack*> free_;
};

} // namespace emulation
