#pragma once

#include "mailbox.cuh"
#include "persistent_products.cuh"

// What a launch of the persistent decoder is given: one structure, passed by value. PersistentDecoderParameters.cs is the same structure field by field, to
// which the exported offsets hold it.

// [B, units padded to 8], [B, token_stride]: read at the start and written at the end.
struct State {
    float* hidden1;
    float* cell1;
    float* hidden2;
    float* cell2;
    float* previous;
    float* cumulative;
};

// In whole chunks, see PersistentDecoderWeights.cs: lstm1 over [prenet, h1], lstm2 over [h1, h2], small over h2: projection, gate, first prenet layer.
// location [high and low halves, tiles of 16 components, 2 * groups of taps, 32 lanes].
struct Weights {
    const uint4* lstm1;
    const uint4* lstm2;
    const uint4* small;
    const uint4* prenet2;
    const uint4* query;
    const uint4* location;
    const float* bias1;
    const float* bias2;
    const float* small_bias;
    const float* v;
};

// Of each row of the batch; keys [B, token_stride, attention], projected_memory [B, projected_rows, projected_stride].
struct Request {
    const float* keys;
    const unsigned* projected_memory;
    const int* slots;
    const int* tokens;
    int* end;
    const float* gate_logits;
    const unsigned long long* keep_masks;
    const int* keep_steps;
    const unsigned long long* seeds;
    const unsigned* utterances;
};

// Up to `steps` steps from `start` on, of the rows in the first `active` slots. mail [2 parities, mailboxes, Rows, mailbox_width]; in the host's memory
// records [slots, record_steps, step_width + 1 + token_stride]: frames, gate logit, alignment, and the word that ends the launch when it is not 0.
struct Launch {
    Word* mail;
    Word* records;
    const unsigned* cancel;
    PollLimit poll_limit;
    int active;
    int start;
    int steps;
    int record_steps;
    unsigned first_tag;
};

struct Sizes {
    int attention_units;
    int decoder_units;
    int prenet;
    int step_width;
    int attention;
    int taps;
    int token_stride;
    int projected_stride;
    int mailbox_width;
    // What of it lies in shared memory: chunks of the decoder LSTM behind those in registers, the projected memory of all rows or of none.
    int shared_chunks;
    int shared_projected_rows;

    // Rows of projection, gate and first prenet layer.
    __device__ __forceinline__ int small() const { return step_width + 1 + prenet; }
    __device__ __forceinline__ int projected_rows() const { return 4 * attention_units + 4 * decoder_units + (small() + 3) / 4 * 4; }
    __device__ __forceinline__ int location_groups() const { return (taps + location_taps - 1) / location_taps; }
    // Zeros before every row's alignment and behind the last one's, so that no tap of the location filter is outside.
    __device__ __forceinline__ int gap() const { return (max(taps / 2, location_groups() * location_taps - taps / 2) + 3) / 4 * 4; }
    __device__ __forceinline__ int signal_stride() const { return projected_stride + gap(); }
    __device__ __forceinline__ int token_tiles() const { return (token_stride + tile_tokens - 1) / tile_tokens; }
};

struct DecoderParameters {
    State state;
    Weights weights;
    Request request;
    Launch launch;
    Sizes sizes;
};
