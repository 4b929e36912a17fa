#pragma once

#include "common.cuh"

// cos(2 pi turns) and, when asked for it, sin(2 pi turns), for turns in [0, 1): the quarter's polynomial of Cephes (sinf.c). The library's functions
// keep a buffer in local memory for arguments that do not occur here.
__device__ __forceinline__ float circle(float turns, bool is_sine) {
    const int quarter = static_cast<int>(4.0f * turns + 0.5f);
    const float x = 6.2831853071795865f * (turns - 0.25f * static_cast<float>(quarter));
    const float square = x * x;
    const float sine = ((-1.9515295891e-4f * square + 8.3321608736e-3f) * square - 1.6666654611e-1f) * square * x + x;
    const float cosine = ((2.443315711809948e-5f * square - 1.388731625493765e-3f) * square + 4.166664568298827e-2f) * square * square - 0.5f * square + 1.0f;
    const bool is_odd = quarter % 2 != 0;
    const float value = is_sine != is_odd ? sine : cosine;
    const bool is_negative = is_sine ? quarter == 2 || quarter == 3 : quarter == 1 || quarter == 2;
    return is_negative ? -value : value;
}
