#pragma once

#include "persistent_step.cuh"

// The persistent decoder's kernels.
//   cooperative grid: as many blocks as the plan says, in clusters of so many where it has any; block 32 W
//   dynamic shared memory: PersistentDecoderPlan adds it up
#define PERSISTENT_DECODER(NAME, ROWS, KEPT, WARPS, CLUSTER)                                                                                               \
    extern "C" __global__ void __launch_bounds__(WARPS * warp_size, 1) NAME(                                                                               \
        float* hidden1, float* cell1, float* hidden2, float* cell2, float* previous, float* cumulative, const float* keys, const half* projected_memory,           \
        const half* lstm1, const half* lstm2, const half* small, const half* prenet2, const half* query, const half* location, const float* bias1,         \
        const float* bias2, const float* small_bias, const float* v, const unsigned long long* keep_masks, const int* keep_steps,                          \
        const unsigned long long* seeds, const unsigned* utterances, const int* slots, const int* tokens, int* end, const float* gate_logits,              \
        unsigned long long* mail, unsigned long long* records, const unsigned* cancel, unsigned long long* abandoned, unsigned polls,                      \
        int attention_units, int decoder_units, int prenet, int step_width, int attention, int taps, int token_stride, int projected_stride, int mailbox_width,  \
        int shared_chunks, int shared_projected_rows, int active, int start, int steps, int record_steps, unsigned first_tag) {                                  \
        const auto vectors = [](const half* rows) { return reinterpret_cast<const uint4*>(rows); };                                                        \
        const Sizes sizes = {attention_units, decoder_units, prenet, step_width, attention, taps, token_stride, projected_stride, mailbox_width, shared_chunks,  \
            shared_projected_rows};                                                                                                                              \
        const State state = {hidden1, cell1, hidden2, cell2, previous, cumulative};                                                                        \
        const Weights weights = {vectors(lstm1), vectors(lstm2), vectors(small), vectors(prenet2), vectors(query), vectors(location), bias1, bias2,        \
            small_bias, v};                                                                                                                                \
        const Request request = {keys, reinterpret_cast<const unsigned*>(projected_memory), slots, tokens, end, gate_logits, keep_masks, keep_steps, seeds,        \
            utterances};                                                                                                                                   \
        const Launch launch = {mail, records, cancel, {abandoned, polls}, active, start, steps, record_steps, first_tag};                                  \
        Step<ROWS, KEPT, CLUSTER> decoder(sizes, state, weights, request, launch);                                                                         \
        decoder.run();                                                                                                                                     \
    }                                                                                                                                                      \
    EXPORT_KERNEL(NAME)
