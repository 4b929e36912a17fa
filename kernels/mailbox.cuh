#pragma once

#include "common.cuh"

// Mailboxes: how values go from block to block within a launch.

// A float in the lower half, the number of its step (its tag, never 0) in the upper. Written and read whole, so that a value tells by itself that it has
// come: no barrier, no counter and no fence (the LL protocol of NCCL, public repository NVIDIA/nccl, does the same).
using Word = unsigned long long;

__device__ __forceinline__ Word make_word(float value, unsigned tag) { return static_cast<Word>(tag) << 32 | __float_as_uint(value); }
__device__ __forceinline__ float value_of(Word word) { return __uint_as_float(static_cast<unsigned>(word)); }
__device__ __forceinline__ unsigned tag_of(Word word) { return static_cast<unsigned>(word >> 32); }
__device__ __forceinline__ void send(Word* word, float value, unsigned tag) { store_relaxed(word, make_word(value, tag)); }

// Two words that lie side by side, at a multiple of 16 bytes: one trip to L2.
struct WordPair {
    Word first;
    Word second;
};

__device__ __forceinline__ WordPair load_pair(const Word* words) {
#ifdef CUDATTS_EMULATED
    return {load_relaxed(words), load_relaxed(words + 1)};
#else
    WordPair pair;
    asm volatile("ld.relaxed.gpu.global.v2.u64 {%0, %1}, [%2];\n" : "=l"(pair.first), "=l"(pair.second) : "l"(__cvta_generic_to_global(words)) : "memory");
    return pair;
#endif
}

// The same to memory of the host, which reads it while the launch goes on.
__device__ __forceinline__ void send_to_host(Word* word, float value, unsigned tag) { store_relaxed_system(word, make_word(value, tag)); }

// The mailboxes of all kernels by their numbers: the persistent decoder's, in the order in which they lie in memory, and the encoder's. Mailboxes.cs has names
// for them.
enum Mailbox : unsigned {
    prenet1_mailbox,
    prenet2_mailbox,
    hidden1_mailbox,
    query_mailbox,
    energies_mailbox,
    hidden2_mailbox,
    decoder_mailboxes,
    encoder_hidden_mailbox = 16,
    wavenet_mailbox = 17
};
EXPORT_CONSTANT(prenet1_mailbox, prenet1_mailbox)
EXPORT_CONSTANT(prenet2_mailbox, prenet2_mailbox)
EXPORT_CONSTANT(hidden1_mailbox, hidden1_mailbox)
EXPORT_CONSTANT(query_mailbox, query_mailbox)
EXPORT_CONSTANT(energies_mailbox, energies_mailbox)
EXPORT_CONSTANT(hidden2_mailbox, hidden2_mailbox)
EXPORT_CONSTANT(decoder_mailboxes, decoder_mailboxes)
EXPORT_CONSTANT(encoder_hidden_mailbox, encoder_hidden_mailbox)
EXPORT_CONSTANT(wavenet_mailbox, wavenet_mailbox)

// A word that never comes would hold the device for ever, so a thread that waits for it counts its polls: a poll is a trip to L2, some 0.5 us (PREDICTED).
// abandoned: one word of the host's memory, which src/CudaTts.Cuda/AbandonedWait.cs reads.
struct PollLimit {
    Word* abandoned;
    unsigned most_polls;
};
EXPORT_CONSTANT(most_polls, most_polls)

// Ends the launch, having told the host which mailbox of which step stayed empty for which block: 1 bit that is set, 15 bits, 32 bits, 16 bits.
__device__ __forceinline__ void abandon(const PollLimit& poll_limit, unsigned mailbox, unsigned step) {
    const unsigned block = (blockIdx.z * gridDim.y + blockIdx.y) * gridDim.x + blockIdx.x;
    store_relaxed_system(poll_limit.abandoned, 1ull << 63 | static_cast<Word>(mailbox) << 48 | static_cast<Word>(step) << 16 | (block & 0xFFFFu));
    __threadfence_system();
    __trap();
}

// After each poll that was in vain.
__device__ __forceinline__ void count_poll(const PollLimit& poll_limit, unsigned& polls, unsigned mailbox, unsigned step) {
    spin_poll();
    if (++polls >= poll_limit.most_polls) {
        abandon(poll_limit, mailbox, step);
    }
}
