#pragma once

#include "decoder.cuh"

// Which row of the batch is in which slot. A decode call has more rows than slots; a row that ends leaves its slot after the step, and the next one in
// the queue has it from the next step on. What a row remembers lies under its own number, not its slot's, so nothing moves; and it counts its own steps
// from row_starts, so that nothing of what it makes depends on when it came.
//
//   slots [S]: rows, -1 for none   chunk_rows [steps of a chunk, S]: the row that each slot had in each step, for whoever reads the chunk's records
//   row_starts [B]: the step of the run that was a row's first   queue [2]: the next row that waits, and the number of rows
struct SlotQueue {
    int* slots;
    int slot_count;
    int* chunk_rows;
    int* row_starts;
    int* queue;

    // Ends a step, in the block of the last kernel that comes last: free slots go to waiting rows in the order of the slots. end [B]: steps of a row that
    // count, as this launch has left it. At least 128 threads; at most as many slots.
    __device__ void hand_on(int step, int offset, const int* end) const {
        constexpr int most_warps = 4;
        SHARED(int, ended_before, most_warps);
        const int slot = threadIdx.x;
        const int row = slot < slot_count ? slots[slot] : -1;
        if (slot < slot_count) {
            chunk_rows[offset * slot_count + slot] = row;
        }
        const bool has_ended = row >= 0 && step + 1 - row_starts[row] >= __ldcg(end + row);
        const unsigned ended = __ballot_sync(all_lanes, has_ended);
        if (lane_index() == 0 && warp_index() < most_warps) {
            ended_before[warp_index()] = __popc(ended);
        }
        const int next = queue[0];
        const int rows = queue[1];
        __syncthreads();
        int rank = __popc(ended & ((1u << lane_index()) - 1));
        int all = 0;
        for (int warp = 0; warp < most_warps; warp++) {
            rank += warp < warp_index() ? ended_before[warp] : 0;
            all += ended_before[warp];
        }
        if (has_ended) {
            const bool is_taken = next + rank < rows;
            slots[slot] = is_taken ? next + rank : -1;
            if (is_taken) {
                row_starts[next + rank] = step + 1;
            }
        }
        if (threadIdx.x == 0) {
            queue[0] = min(next + all, rows);
        }
    }
};
