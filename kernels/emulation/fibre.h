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
    char* lowest; // The guard pages lie below.
    char* top;
    void* first_switch; // Give this to emulation_switch, and entry runs on this stack.
};

// Stacks of one worker; they are kept, because a warm one is in the cache.
class StackPool {
public:
    static constexpr std::size_t stack_bytes = 256 * 1024;

    explicit StackPool(void (*entry)()) : entry_(entry) {}
    ~StackPool();
    StackPool(const StackPool&) = delete;
    StackPool& operator=(const StackPool&) = delete;

    Stack* take();
    void give(Stack* stack) { free_.push_back(stack); }
    // After a launch that ended in the middle: all stacks are free.
    void take_back_all();
    bool is_guard(const void* address) const;

private:
    void prepare(Stack& stack) const;

    void (*entry_)();
    std::vector<std::unique_ptr<Stack>> all_;
    std::vector<Stack*> free_;
};

} // namespace emulation
