#include <cstddef>

#include "wavenet_choice.cuh"

// WaveNet's samples, one after the other, in one launch whose blocks keep the weights in their shared memory, as nv-wavenet (NVIDIA, public repository) showed.
//
// A layer belongs to a group of `members` blocks, which divide its units and rows; the last group, the head, has the two products behind the layers, and
// draws the sample. A sample goes from group to group: x and, within a group, z as words that say themselves that they have come (mailbox.cuh), the sum of
// skip connections beside them. Half of a layer's products read samples that were known before (all taps but the last, and the conditions): they are made
// for the next sample when this one's have been sent, while the other groups have the sample. Where there are fewer blocks than groups times members, a
// block has several groups, whose turns it takes in their order; so it never waits for what comes later, and any number of groups works.
//
// Words of even and odd samples lie apart, and that is enough: every block that reads a word of a sample then sends one that the sample's end waits for, so
// that when the sample after it begins, all its words have been read. Tags are the sample's number in the launch and one; the host clears the words before it.
//
//   grid: members x slots blocks, cooperative; block slot * members + member takes the groups slot, slot + slots, ...   block 256
//   dynamic shared memory: vectors of Rows utterances, see SamplerChip; then the weights that fit
// Bound by the latency of a trip from block to block (two a layer, one where a group has one member).

namespace {

// Where a block's vectors are in its shared memory; SamplerSizes.cs adds them up.
struct SamplerChip {
    int residual, half_gate, columns, skip, hidden, outputs;

    __device__ __forceinline__ explicit SamplerChip(const SamplerParameters& p)
        : residual(p.residual), half_gate(p.half_gate), columns((p.taps - 1) * p.residual + p.bands), skip(p.skip), hidden(p.hidden),
          outputs(padded(p.outputs_count)) {}
};

template <typename T, int Rows> struct Sampler {
    const SamplerParameters& p;
    const SamplerChip chip;
    const int member;
    const int slot;
    const int slots;
    float* const x;
    float* const z;
    float* const columns;
    float* const skip;
    float* const hidden;
    float* const output;
    T* const resident;
    const int x_words;
    const int z_words;
    const int skip_words;

    __device__ __forceinline__ Sampler(const SamplerParameters& parameters, float* shared)
        : p(parameters), chip(parameters), member(static_cast<int>(blockIdx.x) % parameters.members), slot(static_cast<int>(blockIdx.x) / parameters.members),
          slots(static_cast<int>(gridDim.x) / parameters.members), x(shared), z(x + Rows * chip.residual), columns(z + Rows * chip.half_gate),
          skip(columns + Rows * chip.columns), hidden(skip + Rows * chip.skip), output(hidden + Rows * chip.hidden),
          resident(reinterpret_cast<T*>(output + Rows * chip.outputs)), x_words(p.layers * p.batch * chip.residual), z_words(p.layers * p.batch * chip.half_gate),
          skip_words(p.layers * p.batch * chip.skip) {}

    // Elements of a record: all tiles of a unit's tile of the gate, and a tile of residual or skip rows, of hidden rows, of output rows.
    __device__ __forceinline__ int known_tile() const { return chip.columns * tile_rows; }
    __device__ __forceinline__ int current_tile() const { return chip.residual * tile_rows; }
    __device__ __forceinline__ int gate_record() const { return 2 * (known_tile() + current_tile()); }
    __device__ __forceinline__ int out_tile() const { return chip.half_gate * tile_rows; }
    __device__ __forceinline__ int gate_tiles() const { return chip.half_gate / tile_rows; }
    __device__ __forceinline__ int residual_tiles(int layer) const { return layer + 1 < p.layers ? chip.residual / tile_rows : 0; }
    __device__ __forceinline__ int skip_tiles() const { return chip.skip / tile_rows; }
    __device__ __forceinline__ int own(int tiles) const { return own_tiles(tiles, member, p.members); }
    __device__ __forceinline__ long long layer_elements() const {
        return static_cast<long long>(gate_tiles()) * gate_record() + static_cast<long long>(chip.residual / tile_rows + skip_tiles()) * out_tile();
    }

    // The first of some records of a group, or in shared memory the first of this member's; and how far apart they are.
    struct Records {
        const T* first;
        int apart;
        __device__ __forceinline__ const T* of(int index) const { return first + static_cast<long long>(index) * apart; }
    };

    // begin: of the group, own_begin: of this member's in shared memory.
    __device__ __forceinline__ Records records(int group, long long begin, int own_begin, int size) const {
        const int place = __ldg(p.places + group * p.members + member);
        const T* const all = static_cast<const T*>(p.weights) + group * layer_elements() + begin;
        return place >= 0 ? Records{resident + place + own_begin, size} : Records{all + static_cast<long long>(member) * size, p.members * size};
    }
    __device__ __forceinline__ Records gates(int layer) const { return records(layer, 0, 0, gate_record()); }
    __device__ __forceinline__ Records residuals(int layer) const {
        return records(layer, static_cast<long long>(gate_tiles()) * gate_record(), own(gate_tiles()) * gate_record(), out_tile());
    }
    __device__ __forceinline__ Records skips(int layer) const {
        const int tiles = chip.residual / tile_rows;
        return records(layer, static_cast<long long>(gate_tiles()) * gate_record() + static_cast<long long>(tiles) * out_tile(),
            own(gate_tiles()) * gate_record() + own(tiles) * out_tile(), out_tile());
    }
    __device__ __forceinline__ Records hiddens() const { return records(p.layers, 0, 0, chip.skip * tile_rows); }
    __device__ __forceinline__ Records outputs() const {
        const int tiles = chip.hidden / tile_rows;
        return records(p.layers, static_cast<long long>(tiles) * chip.skip * tile_rows, own(tiles) * chip.skip * tile_rows, chip.hidden * tile_rows);
    }

    // Mailboxes of a sample: what enters a layer, z, the skip connections' sum behind a layer, the hidden vector, the output, the sample.
    __device__ __forceinline__ Word* mail(int t) const {
        const long long words = x_words + z_words + skip_words + static_cast<long long>(p.batch) * (chip.hidden + chip.outputs + 1);
        return p.mail + (t % 2) * words;
    }
    __device__ __forceinline__ Word* x_mail(int t, int layer) const { return mail(t) + layer * p.batch * chip.residual; }
    __device__ __forceinline__ Word* z_mail(int t, int layer) const { return mail(t) + x_words + layer * p.batch * chip.half_gate; }
    __device__ __forceinline__ Word* skip_mail(int t, int layer) const { return mail(t) + x_words + z_words + layer * p.batch * chip.skip; }
    __device__ __forceinline__ Word* hidden_mail(int t) const { return mail(t) + x_words + z_words + skip_words; }
    __device__ __forceinline__ Word* output_mail(int t) const { return hidden_mail(t) + p.batch * chip.hidden; }
    __device__ __forceinline__ Word* sample_mail(int t) const { return output_mail(t) + p.batch * chip.outputs; }

    // Lanes of part b write utterance b's results.
    __device__ __forceinline__ int row() const { return lane_index() / tile_rows; }
    __device__ __forceinline__ bool writes() const { return row() < p.batch && row() < Rows; }
    __device__ __forceinline__ int tile_row(int tile) const { return tile * tile_rows + lane_index() % tile_rows; }

    // All utterances' vectors from their words, through a function.
    template <typename Function>
    __device__ __forceinline__ void receive(const Word* words, int width, float* to, unsigned tag, const Function& function) const {
        for (int i = threadIdx.x; i < p.batch * width; i += sampler_threads) {
            to[i] = function(await(words + i, tag, p.poll_limit));
        }
    }

    // What of sample t's gates is known: taps before the last, and conditions. The layer's ring has all samples before t.
    __device__ __forceinline__ void prepare(int layer, int t) const {
        const int dilation = 1 << (layer % p.cycle);
        const int slots_of_ring = (p.taps - 1) * dilation + 1;
        for (int i = threadIdx.x; i < p.batch * chip.columns; i += sampler_threads) {
            const int b = i / chip.columns;
            const int column = i % chip.columns;
            const int tap = column / chip.residual;
            if (tap < p.taps - 1) {
                const int from = __ldg(p.positions + b) + t - (p.taps - 1 - tap) * dilation;
                columns[i] = from < 0 ? 0.0f : ring(b, layer)[from % slots_of_ring * chip.residual + column % chip.residual];
            } else {
                const int band = column - (p.taps - 1) * chip.residual;
                columns[i] = __ldg(p.conditions + (static_cast<long long>(b) * p.samples + t) * p.bands + band);
            }
        }
        __syncthreads();
        const Records tiles = gates(layer);
        for (int j = warp_index(); j < own(gate_tiles()); j += sampler_warps) {
            float sums[2][Rows];
            multiply_tiles<T, Rows, 2>(tiles.of(j), chip.columns, columns, chip.columns, sums);
            if (writes()) {
                const int unit = tile_row(member + j * p.members);
                const float* const bias = p.gate_bias + (static_cast<long long>(row()) * p.layers + layer) * 2 * chip.half_gate + unit;
                float* const to = known(layer) + unit;
                to[0] = own_sum(sums[0]) + __ldg(bias);
                to[chip.half_gate] = own_sum(sums[1]) + __ldg(bias + chip.half_gate);
            }
        }
    }

    __device__ __forceinline__ float* known(int layer) const { return p.known + (layer * p.batch + row()) * 2 * chip.half_gate; }
    __device__ __forceinline__ float* ring(int b, int layer) const {
        return p.rings + (static_cast<long long>(b) * p.members + member) * p.ring_floats + __ldg(p.ring_starts + layer);
    }

    // The first layer's input from the sample before.
    __device__ __forceinline__ void begin(int t) const {
        for (int i = threadIdx.x; i < p.batch * chip.residual; i += sampler_threads) {
            const int b = i / chip.residual;
            const int channel = i % chip.residual;
            const float value = t == 0 ? __ldg(p.last + b) : await(sample_mail(t - 1) + b, t, p.poll_limit);
            x[i] = p.mixtures == 0 ? __ldg(p.table + static_cast<int>(value) * chip.residual + channel)
                                   : fmaf(__ldg(p.table + channel), value, __ldg(p.table + chip.residual + channel));
        }
    }

    __device__ __forceinline__ void gate(int layer, int t) const {
        const Records tiles = gates(layer);
        for (int j = warp_index(); j < own(gate_tiles()); j += sampler_warps) {
            const int unit = tile_row(member + j * p.members);
            const float a = writes() ? known(layer)[unit] : 0.0f;
            const float s = writes() ? known(layer)[chip.half_gate + unit] : 0.0f;
            float sums[2][Rows];
            multiply_tiles<T, Rows, 2>(tiles.of(j) + 2 * known_tile(), chip.residual, x, chip.residual, sums);
            if (writes()) {
                const float value = tanhf(own_sum(sums[0]) + a) * sigmoid(own_sum(sums[1]) + s);
                if (p.members == 1) {
                    z[row() * chip.half_gate + unit] = value;
                } else {
                    send(z_mail(t, layer) + row() * chip.half_gate + unit, value, t + 1);
                }
            }
        }
    }

    // The next layer's input, and the skip connections' sum.
    __device__ __forceinline__ void project(int layer, int t) const {
        const int of_residual = own(residual_tiles(layer));
        const Records residual = residuals(layer);
        const Records to_skip = skips(layer);
        for (int j = warp_index(); j < of_residual + own(skip_tiles()); j += sampler_warps) {
            const bool is_skip = j >= of_residual;
            const int index = is_skip ? j - of_residual : j;
            const int channel = tile_row(member + index * p.members);
            float sums[1][Rows];
            multiply_tiles<T, Rows, 1>(is_skip ? to_skip.of(index) : residual.of(index), chip.half_gate, z, chip.half_gate, sums);
            if (!writes()) {
                continue;
            }
            const float sum = own_sum(sums[0]);
            if (is_skip) {
                const int place = row() * chip.skip + channel;
                const float before = layer == 0 ? __ldg(p.skip_bias + channel) : await(skip_mail(t, layer - 1) + place, t + 1, p.poll_limit);
                send(skip_mail(t, layer) + place, before + sum, t + 1);
            } else {
                const int place = row() * chip.residual + channel;
                send(x_mail(t, layer + 1) + place, fmaf(p.scale, x[place], __ldg(p.residual_bias + layer * chip.residual + channel)) + sum, t + 1);
            }
        }
    }

    __device__ __forceinline__ void step_layer(int layer, int t) const {
        if (layer == 0) {
            begin(t);
        } else {
            receive(x_mail(t, layer), chip.residual, x, t + 1, [](float value) { return value; });
        }
        __syncthreads();
        gate(layer, t);
        if (p.members > 1 && own(residual_tiles(layer)) + own(skip_tiles()) > 0) {
            receive(z_mail(t, layer), chip.half_gate, z, t + 1, [](float value) { return value; });
        }
        __syncthreads();
        project(layer, t);
        const int slots_of_ring = ((p.taps - 1) << (layer % p.cycle)) + 1;
        for (int i = threadIdx.x; i < p.batch * chip.residual; i += sampler_threads) {
            const int b = i / chip.residual;
            ring(b, layer)[(__ldg(p.positions + b) + t) % slots_of_ring * chip.residual + i % chip.residual] = x[i];
        }
        __syncthreads();
        if (t + 1 < p.samples) {
            prepare(layer, t + 1);
        }
        __syncthreads();
    }

    // A product of the head: its own tiles' rows, to the block's own vector or to all members.
    template <typename Function>
    __device__ __forceinline__ void multiply_head(const Records& tiles, int rows, int width, const float* vector, const float* bias, float* to, Word* words,
        unsigned tag, const Function& function) const {
        for (int j = warp_index(); j < own(rows / tile_rows); j += sampler_warps) {
            const int channel = tile_row(member + j * p.members);
            float sums[1][Rows];
            multiply_tiles<T, Rows, 1>(tiles.of(j), width, vector, width, sums);
            if (writes()) {
                const float value = function(own_sum(sums[0]) + __ldg(bias + channel));
                if (p.members == 1) {
                    to[row() * rows + channel] = value;
                } else {
                    send(words + row() * rows + channel, value, tag);
                }
            }
        }
    }

    __device__ __forceinline__ void step_head(int t) const {
        // Not by fmaxf, which would make a zero of what is no number.
        const auto rectify = [](float value) { return value < 0.0f ? 0.0f : value; };
        const auto same = [](float value) { return value; };
        const unsigned tag = t + 1;
        if (own(chip.hidden / tile_rows) > 0) {
            receive(skip_mail(t, p.layers - 1), chip.skip, skip, tag, rectify);
        }
        __syncthreads();
        multiply_head(hiddens(), chip.hidden, chip.skip, skip, p.hidden_bias, hidden, hidden_mail(t), tag, rectify);
        if (p.members > 1 && own(chip.outputs / tile_rows) > 0) {
            receive(hidden_mail(t), chip.hidden, hidden, tag, same);
        }
        __syncthreads();
        multiply_head(outputs(), chip.outputs, chip.hidden, hidden, p.output_bias, output, output_mail(t), tag, same);
        if (member == 0) {
            if (p.members > 1) {
                receive(output_mail(t), chip.outputs, output, tag, same);
            }
            __syncthreads();
            conclude(t);
        }
        __syncthreads();
    }

    // Draws the samples, a warp an utterance.
    __device__ __forceinline__ void conclude(int t) const {
        const int b = warp_index();
        if (b >= p.batch) {
            return;
        }
        const float value = draw(p, output + b * chip.outputs, b, t);
        const long long sample = static_cast<long long>(b) * p.samples + t;
        if (lane_index() == 0) {
            send(sample_mail(t) + b, p.forced == nullptr ? value : __ldg(p.forced + sample), t + 1);
        }
        // While the others go on with the sample, whatever it is: the host refuses what is not finite.
        const bool is_finite = are_finite(output + b * chip.outputs, p.outputs_count);
        if (lane_index() == 0) {
            p.drawn[sample] = is_finite ? value : NAN;
        }
        for (int i = lane_index(); p.outputs != nullptr && i < p.outputs_count; i += warp_size) {
            p.outputs[sample * p.outputs_count + i] = output[b * chip.outputs + i];
        }
    }

    // Copies this member's records of a group into shared memory.
    __device__ __forceinline__ void keep(int group, T*& to, long long begin, int tiles, int size) const {
        const T* const from = static_cast<const T*>(p.weights) + group * layer_elements() + begin;
        for (int j = 0; j < own(tiles); j++, to += size) {
            const uint4* const record = reinterpret_cast<const uint4*>(from + static_cast<long long>(member + j * p.members) * size);
            for (int i = threadIdx.x; i < size * static_cast<int>(sizeof(T)) / 16; i += sampler_threads) {
                reinterpret_cast<uint4*>(to)[i] = __ldg(record + i);
            }
        }
    }

    __device__ __forceinline__ void load() const {
        for (int group = slot; group <= p.layers; group += slots) {
            const int place = __ldg(p.places + group * p.members + member);
            if (place < 0) {
                continue;
            }
            T* to = resident + place;
            if (group == p.layers) {
                keep(group, to, 0, chip.hidden / tile_rows, chip.skip * tile_rows);
                keep(group, to, static_cast<long long>(chip.hidden) * chip.skip, chip.outputs / tile_rows, chip.hidden * tile_rows);
            } else {
                const long long gates_end = static_cast<long long>(gate_tiles()) * gate_record();
                keep(group, to, 0, gate_tiles(), gate_record());
                keep(group, to, gates_end, chip.residual / tile_rows, out_tile());
                keep(group, to, gates_end + static_cast<long long>(chip.residual) * chip.half_gate, skip_tiles(), out_tile());
            }
        }
    }

    __device__ __forceinline__ void run() const {
        load();
        __syncthreads();
        for (int layer = slot; layer < p.layers; layer += slots) {
            prepare(layer, 0);
            __syncthreads();
        }
#pragma unroll 1
        for (int t = 0; t < p.samples; t++) {
#pragma unroll 1
            for (int group = slot; group <= p.layers; group += slots) {
                if (group < p.layers) {
                    step_layer(group, t);
                } else {
                    step_head(t);
                }
            }
        }
    }
};

} // namespace

#define WAVENET_SAMPLER(NAME, TYPE, ROWS)                                                                                            \
    extern "C" __global__ void __launch_bounds__(sampler_threads, 1) NAME(const __grid_constant__ SamplerParameters parameters) {    \
        DYNAMIC_SHARED(float, shared);                                                                                               \
        const Sampler<TYPE, ROWS> sampler(parameters, shared);                                                                       \
        sampler.run();                                                                                                               \
    }                                                                                                                                \
    EXPORT_KERNEL(NAME)

WAVENET_SAMPLER(wavenet_sampler_f32, float, 1)
WAVENET_SAMPLER(wavenet_sampler_f16, half, 1)
WAVENET_SAMPLER(wavenet_sampler_batch_f32, float, sampler_rows)
WAVENET_SAMPLER(wavenet_sampler_batch_f16, half, sampler_rows)

// Where a field of SamplerParameters is.
#define EXPORT_OFFSET(NAME) EXPORT_CONSTANT(sampler_parameters_##NAME, offsetof(SamplerParameters, NAME))

EXPORT_CONSTANT(sampler_parameters_bytes, sizeof(SamplerParameters))
EXPORT_OFFSET(weights)
EXPORT_OFFSET(places)
EXPORT_OFFSET(table)
EXPORT_OFFSET(residual_bias)
EXPORT_OFFSET(skip_bias)
EXPORT_OFFSET(hidden_bias)
EXPORT_OFFSET(output_bias)
EXPORT_OFFSET(gate_bias)
EXPORT_OFFSET(rings)
EXPORT_OFFSET(ring_starts)
EXPORT_OFFSET(conditions)
EXPORT_OFFSET(mixture)
EXPORT_OFFSET(noise)
EXPORT_OFFSET(forced)
EXPORT_OFFSET(positions)
EXPORT_OFFSET(last)
EXPORT_OFFSET(sigmas)
EXPORT_OFFSET(known)
EXPORT_OFFSET(drawn)
EXPORT_OFFSET(outputs)
EXPORT_OFFSET(mail)
EXPORT_CONSTANT(sampler_parameters_abandoned, offsetof(SamplerParameters, poll_limit.abandoned))
EXPORT_CONSTANT(sampler_parameters_most_polls, offsetof(SamplerParameters, poll_limit.most_polls))
EXPORT_OFFSET(batch)
EXPORT_OFFSET(samples)
EXPORT_OFFSET(layers)
EXPORT_OFFSET(cycle)
EXPORT_OFFSET(taps)
EXPORT_OFFSET(residual)
EXPORT_OFFSET(half_gate)
EXPORT_OFFSET(skip)
EXPORT_OFFSET(hidden)
EXPORT_OFFSET(outputs_count)
EXPORT_OFFSET(bands)
EXPORT_OFFSET(mixtures)
EXPORT_OFFSET(has_choice)
EXPORT_OFFSET(is_logistic)
EXPORT_OFFSET(members)
EXPORT_OFFSET(ring_floats)
EXPORT_OFFSET(scale)
EXPORT_OFFSET(least_log_scale)
