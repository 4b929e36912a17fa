#pragma once

#include <cstddef>

#include "persistent_attention.cuh"
#include "persistent_attention_lstm.cuh"
#include "persistent_broadcast.cuh"
#include "persistent_context.cuh"
#include "persistent_decoder_lstm.cuh"
#include "persistent_prenet.cuh"
#include "persistent_projection.cuh"
#include "persistent_state.cuh"

// The persistent decoder's kernels.
//   cooperative grid: as many blocks as the plan says, in clusters of so many where it has any; block 32 W
//   dynamic shared memory: PersistentDecoderPlan adds it up
#define PERSISTENT_DECODER(NAME, ROWS, KEPT, WARPS, CLUSTER)                                                                            \
    extern "C" __global__ void __launch_bounds__(WARPS * warp_size, 1) NAME(const __grid_constant__ DecoderParameters parameters) {     \
        Step<ROWS, KEPT, CLUSTER> decoder(parameters);                                                                                  \
        decoder.run();                                                                                                                  \
    }                                                                                                                                   \
    EXPORT_KERNEL(NAME)                                                                                                                 \
    EXPORT_CONSTANT(NAME##_rows, ROWS)                                                                                                  \
    EXPORT_CONSTANT(NAME##_kept, KEPT)                                                                                                  \
    EXPORT_CONSTANT(NAME##_warps, WARPS)                                                                                                \
    EXPORT_CONSTANT(NAME##_cluster, CLUSTER)                                                                                            \
    EXPORT_CONSTANT(NAME##_most_tiles, (Chip<ROWS, KEPT, CLUSTER>::most_tiles))                                                         \
    EXPORT_CONSTANT(NAME##_prenet_rows, (Chip<ROWS, KEPT, CLUSTER>::prenet_rows))                                                       \
    EXPORT_CONSTANT(NAME##_query_rows, (Chip<ROWS, KEPT, CLUSTER>::query_rows))                                                         \
    EXPORT_CONSTANT(NAME##_has_places, (Chip<ROWS, KEPT, CLUSTER>::has_places))                                                         \
    EXPORT_CONSTANT(NAME##_component_tiles, (Chip<ROWS, KEPT, CLUSTER>::most_component_tiles))

// Where a field of DecoderParameters is.
#define EXPORT_OFFSET(NAME, MEMBER) EXPORT_CONSTANT(decoder_parameters_##NAME, offsetof(DecoderParameters, MEMBER))

EXPORT_CONSTANT(decoder_parameters_bytes, sizeof(DecoderParameters))
EXPORT_OFFSET(state_hidden1, state.hidden1)
EXPORT_OFFSET(state_cell1, state.cell1)
EXPORT_OFFSET(state_hidden2, state.hidden2)
EXPORT_OFFSET(state_cell2, state.cell2)
EXPORT_OFFSET(state_previous, state.previous)
EXPORT_OFFSET(state_cumulative, state.cumulative)
EXPORT_OFFSET(weights_lstm1, weights.lstm1)
EXPORT_OFFSET(weights_lstm2, weights.lstm2)
EXPORT_OFFSET(weights_small, weights.small)
EXPORT_OFFSET(weights_prenet2, weights.prenet2)
EXPORT_OFFSET(weights_query, weights.query)
EXPORT_OFFSET(weights_location, weights.location)
EXPORT_OFFSET(weights_bias1, weights.bias1)
EXPORT_OFFSET(weights_bias2, weights.bias2)
EXPORT_OFFSET(weights_small_bias, weights.small_bias)
EXPORT_OFFSET(weights_v, weights.v)
EXPORT_OFFSET(request_keys, request.keys)
EXPORT_OFFSET(request_projected_memory, request.projected_memory)
EXPORT_OFFSET(request_slots, request.slots)
EXPORT_OFFSET(request_tokens, request.tokens)
EXPORT_OFFSET(request_end, request.end)
EXPORT_OFFSET(request_gate_logits, request.gate_logits)
EXPORT_OFFSET(request_keep_masks, request.keep_masks)
EXPORT_OFFSET(request_keep_steps, request.keep_steps)
EXPORT_OFFSET(request_seeds, request.seeds)
EXPORT_OFFSET(request_utterances, request.utterances)
EXPORT_OFFSET(launch_mail, launch.mail)
EXPORT_OFFSET(launch_records, launch.records)
EXPORT_OFFSET(launch_cancel, launch.cancel)
EXPORT_OFFSET(launch_poll_limit_abandoned, launch.poll_limit.abandoned)
EXPORT_OFFSET(launch_poll_limit_most_polls, launch.poll_limit.most_polls)
EXPORT_OFFSET(launch_active, launch.active)
EXPORT_OFFSET(launch_start, launch.start)
EXPORT_OFFSET(launch_steps, launch.steps)
EXPORT_OFFSET(launch_record_steps, launch.record_steps)
EXPORT_OFFSET(launch_first_tag, launch.first_tag)
EXPORT_OFFSET(sizes_attention_units, sizes.attention_units)
EXPORT_OFFSET(sizes_decoder_units, sizes.decoder_units)
EXPORT_OFFSET(sizes_prenet, sizes.prenet)
EXPORT_OFFSET(sizes_step_width, sizes.step_width)
EXPORT_OFFSET(sizes_attention, sizes.attention)
EXPORT_OFFSET(sizes_taps, sizes.taps)
EXPORT_OFFSET(sizes_token_stride, sizes.token_stride)
EXPORT_OFFSET(sizes_projected_stride, sizes.projected_stride)
EXPORT_OFFSET(sizes_mailbox_width, sizes.mailbox_width)
EXPORT_OFFSET(sizes_shared_chunks, sizes.shared_chunks)
EXPORT_OFFSET(sizes_shared_projected_rows, sizes.shared_projected_rows)
