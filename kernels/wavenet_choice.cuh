#pragma once

#include "wavenet_sampler.cuh"

// How a warp draws a sample from what the network says of it; src/CudaTts/Models/WaveNet/Sampling/SampleChoice.cs is the same on the host.

// Whether all that the network says of a sample are finite numbers; else its weights are damaged, and what is drawn is only some class or number.
__device__ __forceinline__ bool are_finite(const float* output, int count) {
    bool is_finite = true;
    for (int i = lane_index(); i < count; i += warp_size) {
        is_finite = is_finite && fabsf(output[i]) < INFINITY;
    }
    return __all_sync(all_lanes, is_finite) != 0;
}

// The first class whose cumulative probability is above the uniform number.
__device__ __forceinline__ float choose_class(const float* output, int classes, float uniform) {
    const int span = (classes + warp_size - 1) / warp_size;
    const int first = lane_index() * span;
    const int end = min(first + span, classes);
    float largest = -INFINITY;
    for (int i = first; i < end; i++) {
        largest = fmaxf(largest, output[i]);
    }
    largest = warp_max(largest);
    float own = 0.0f;
    for (int i = first; i < end; i++) {
        own += expf(output[i] - largest);
    }
    float cumulative = own;
#pragma unroll
    for (int by = 1; by < warp_size; by *= 2) {
        const float before = shuffle_up(cumulative, by);
        cumulative += lane_index() >= by ? before : 0.0f;
    }
    const float wanted = uniform * shuffle(cumulative, warp_size - 1);
    int found = classes - 1;
    float sum = cumulative - own;
    for (int i = first; i < end; i++) {
        sum += expf(output[i] - largest);
        if (sum > wanted) {
            found = i;
            break;
        }
    }
    // The lowest lane that has found one: the lanes behind it have as well.
    const unsigned finders = __ballot_sync(all_lanes, sum > wanted && first < end);
    return static_cast<float>(shuffle(found, finders == 0 ? warp_size - 1 : __ffs(static_cast<int>(finders)) - 1));
}

// The component with the largest logit - log(-log u), the first of equals.
__device__ __forceinline__ int choose_component(const float* logits, const float* uniform, int mixtures) {
    float best = -INFINITY;
    int component = mixtures;
    for (int i = lane_index(); i < mixtures; i += warp_size) {
        const float score = logits[i] - logf(-logf(__ldg(uniform + i)));
        if (score > best) {
            best = score;
            component = i;
        }
    }
    const float of_all = warp_max(best);
    int first = best == of_all ? component : mixtures;
#pragma unroll
    for (int with = warp_size / 2; with > 0; with /= 2) {
        first = min(first, shuffle_xor(first, with));
    }
    return min(first, mixtures - 1);
}

// What utterance b draws as sample t, in every lane.
__device__ __forceinline__ float draw(const SamplerParameters& p, const float* output, int b, int t) {
    const long long sample = static_cast<long long>(b) * p.samples + t;
    const float noise = __ldg(p.noise + sample);
    if (p.mixtures == 0) {
        return choose_class(output, p.outputs_count, noise);
    }
    const int component = p.has_choice ? choose_component(output, p.mixture + sample * p.mixtures, p.mixtures) : 0;
    const float* const means = output + p.outputs_count - 2 * p.mixtures;
    const float log_scale = fmaxf(means[p.mixtures + component], p.least_log_scale);
    const float spread = p.is_logistic ? logf(noise) - logf(1.0f - noise) : noise;
    return fminf(fmaxf(means[component] + __ldg(p.sigmas + b) * expf(log_scale) * spread, -1.0f), 1.0f);
}
