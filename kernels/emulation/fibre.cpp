#include "fibre.h"

#include <sys/mman.h>

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <new>

#if defined(__x86_64__)
asm(R"(
.text
.hidden emulation_switch
.globl emulation_switch
.type emulation_switch, @function
emulation_switch:
    pushq %rbp
    pushq %rbx
    pushq %r12
    pushq %r13
    pushq %r14
    pushq %r15
    movq %rsp, (%rdi)
    movq %rsi, %rsp
.hidden emulation_resume
.globl emulation_resume
.type emulation_resume, @function
emulation_resume:
    popq %r15
    popq %r14
    popq %r13
    popq %r12
    popq %rbx
    popq %rbp
    ret
.size emulation_resume, . - emulation_resume
.size emulation_switch, . - emulation_switch
)");
#elif defined(__aarch64__)
asm(R"(
.text
.hidden emulation_switch
.globl emulation_switch
.type emulation_switch, %function
emulation_switch:
    sub sp, sp, #160
    stp x19, x20, [sp, #0]
    stp x21, x22, [sp, #16]
    stp x23, x24, [sp, #32]
    stp x25, x26, [sp, #48]
    stp x27, x28, [sp, #64]
    stp x29, x30, [sp, #80]
    stp d8, d9, [sp, #96]
    stp d10, d11, [sp, #112]
    stp d12, d13, [sp, #128]
    stp d14, d15, [sp, #144]
    mov x9, sp
    str x9, [x0]
    mov sp, x1
.hidden emulation_resume
.globl emulation_resume
.type emulation_resume, %function
emulation_resume:
    ldp x19, x20, [sp, #0]
    ldp x21, x22, [sp, #16]
    ldp x23, x24, [sp, #32]
    ldp x25, x26, [sp, #48]
    ldp x27, x28, [sp, #64]
    ldp x29, x30, [sp, #80]
    ldp d8, d9, [sp, #96]
    ldp d10, d11, [sp, #112]
    ldp d12, d13, [sp, #128]
    ldp d14, d15, [sp, #144]
    add sp, sp, #160
    ret
.size emulation_resume, . - emulation_resume
.size emulation_switch, . - emulation_switch
)");
#else
#error "The emulated device knows x86-64 and aarch64: another processor needs its own emulation_switch."
#endif

namespace emulation {

namespace {

constexpr std::size_t guard_bytes = 64 * 1024;
constexpr std::size_t slab_bytes = guard_bytes + StackPool::slab_stacks * StackPool::stack_bytes;
constexpr std::uint64_t canary = 0xFDFDFDFDFDFDFDFD;

} // namespace

StackPool::~StackPool() {
    for (char* const slab : slabs_) {
        munmap(slab, slab_bytes);
    }
}

void StackPool::add_slab() {
    void* const memory = mmap(nullptr, slab_bytes, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_STACK, -1, 0);
    if (memory == MAP_FAILED) {
        throw std::bad_alloc();
    }
    mprotect(memory, guard_bytes, PROT_NONE);
    slabs_.push_back(static_cast<char*>(memory));
    for (std::size_t i = 0; i < slab_stacks; i++) {
        char* const lowest = slabs_.back() + guard_bytes + i * stack_bytes;
        std::memcpy(lowest, &canary, sizeof canary);
        // Stacks lie a multiple of 4096 bytes apart, which would put the busy end of all of them into the same few lines of the cache.
        const std::size_t colour = i % 32 * 128;
        all_.push_back(std::make_unique<Stack>(Stack{lowest, lowest + stack_bytes - colour, nullptr}));
        free_.push_back(all_.back().get());
    }
}

void StackPool::prepare(Stack& stack) const {
    void** frame = reinterpret_cast<void**>(stack.top);
#if defined(__x86_64__)
    frame -= 8; // Six registers, the address to return to, and one word so that the stack is aligned as after a call.
    std::memset(static_cast<void*>(frame), 0, 8 * sizeof(void*));
    frame[6] = reinterpret_cast<void*>(entry_);
#else
    frame -= 20;
    std::memset(static_cast<void*>(frame), 0, 20 * sizeof(void*));
    frame[11] = reinterpret_cast<void*>(entry_); // x30
#endif
    stack.first_switch = frame;
}

Stack* StackPool::take() {
    if (free_.empty()) {
        add_slab();
    }
    Stack* const stack = free_.back();
    free_.pop_back();
    prepare(*stack);
    return stack;
}

void StackPool::take_back_all() {
    free_.clear();
    for (const auto& stack : all_) {
        std::memcpy(stack->lowest, &canary, sizeof canary);
        free_.push_back(stack.get());
    }
}

bool StackPool::is_guard(const void* address) const {
    const char* const at = static_cast<const char*>(address);
    for (const char* const slab : slabs_) {
        if (at >= slab && at < slab + guard_bytes) {
            return true;
        }
    }
    return false;
}

bool StackPool::is_overrun(const Stack& stack) { return std::memcmp(stack.lowest, &canary, sizeof canary) != 0; }

bool StackPool::has_overrun() const {
    return std::any_of(all_.begin(), all_.end(), [](const auto& stack) { return is_overrun(*stack); });
}

} // namespace emulation
