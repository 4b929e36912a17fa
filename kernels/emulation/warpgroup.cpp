#include <algorithm>
#include <bit>
#include <cstring>

#include "driver_types.h"
#include "matrix_tiles.h"

// wgmma.mma_async m64nNk16 with its first matrix in registers (PTX ISA, "Asynchronous Warpgroup Level Matrix Multiply-Accumulate Instructions"). A warp multiplies
// its own 16 of the 64 rows, so the warps of a warpgroup meet only in what they must have in common. The product is made when it is issued and shows when it
// is waited for: until then the accumulators are poison, and neither they, the first matrix nor the second may change.

namespace emulation {

namespace {

constexpr unsigned all = 0xFFFFFFFFu;
constexpr std::uint32_t poison = 0xFFFFFFFFu;
constexpr std::size_t unit_bytes = 16; // A row of a core matrix: eight halves.
constexpr unsigned depth_units = 2;    // Of k16.
// Shared memory does not begin at address 0: compute capability 9.0 reserves a kilobyte.
constexpr std::uint32_t first_address = 1024;

[[noreturn]] void fail_wgmma(const char* what) { fail(CUDA_ERROR_LAUNCH_FAILED, "wgmma: %s", what); }

// The second matrix, K-major, without swizzling: core matrices of eight columns of 16 bytes.
struct MatrixDescriptor {
    std::uint32_t start;
    std::uint32_t leading_offset; // From a core matrix to the next along k.
    std::uint32_t stride_offset;  // To the next along n.

    explicit MatrixDescriptor(std::uint64_t bits) : start(field(bits, 0)), leading_offset(field(bits, 16)), stride_offset(field(bits, 32)) {
        constexpr std::uint64_t fields = 0x3FFFull | 0x3FFFull << 16 | 0x3FFFull << 32;
        if ((bits & ~fields) != 0) {
            fail_wgmma("the descriptor of the second matrix has a base offset, a swizzling mode or a reserved bit; the emulated device has none of these");
        }
    }

    static std::uint32_t field(std::uint64_t bits, unsigned shift) { return static_cast<std::uint32_t>(bits >> shift & 0x3FFFu) << 4; }

    // Where the eight halves of a column's unit of the depth are.
    std::size_t offset(unsigned column, unsigned unit) const {
        return start + column / 8 * stride_offset + column % 8 * unit_bytes + unit * leading_offset;
    }
};

const char* unit_at(const Block& block, std::size_t offset) {
    if (offset < first_address || offset - first_address + unit_bytes > block.dynamic.bytes) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "wgmma: the second matrix reaches byte %zd of dynamic shared memory of %zu bytes",
            static_cast<std::ptrdiff_t>(offset) - static_cast<std::ptrdiff_t>(first_address), block.dynamic.bytes);
    }
    return block.dynamic.address + (offset - first_address);
}

// FNV-1a over the second matrix.
std::uint64_t hash_of(const Block& block, std::uint64_t bits, unsigned columns) {
    const MatrixDescriptor descriptor(bits);
    std::uint64_t hash = 0xCBF29CE484222325ull;
    for (unsigned unit = 0; unit < depth_units; unit++) {
        for (unsigned column = 0; column < columns; column++) {
            std::uint64_t words[2];
            std::memcpy(words, unit_at(block, descriptor.offset(column, unit)), sizeof words);
            for (const std::uint64_t word : words) {
                hash = (hash ^ word) * 0x100000001B3ull;
            }
        }
    }
    return hash;
}

// Columns 8 tile to 8 tile + 7.
void gather_b(const Block& block, const MatrixDescriptor& descriptor, unsigned tile, Eight (&b)[16]) {
    float values[16][8];
    for (unsigned column = 0; column < 8; column++) {
        for (unsigned unit = 0; unit < depth_units; unit++) {
            std::uint32_t words[4];
            float eight[8];
            std::memcpy(words, unit_at(block, descriptor.offset(tile * 8 + column, unit)), sizeof words);
            halves_to_floats(words, eight);
            for (unsigned k = 0; k < 8; k++) {
                values[unit * 8 + k][column] = eight[k];
            }
        }
    }
    std::memcpy(b, values, sizeof values);
}

void check_proxy(const Block& block, const MatrixDescriptor& descriptor, unsigned columns) {
    for (unsigned unit = 0; unit < depth_units; unit++) {
        for (unsigned column = 0; column < columns; column++) {
            const char* const at = unit_at(block, descriptor.offset(column, unit));
            const ProxyWrite write = block.proxy_writes[static_cast<std::size_t>(at - block.dynamic.address) / unit_bytes];
            if (write.block_number == block.number && block.lanes[write.thread].proxy_fences == write.fences) {
                fail(CUDA_ERROR_LAUNCH_FAILED, "wgmma: thread %u has copied byte %td of dynamic shared memory and not called fence_async_proxy since", write.thread,
                    at - block.dynamic.address);
            }
        }
    }
}

__attribute__((noinline)) void multiply(const Block& block, const WarpOperands& operands, std::uint64_t bits, unsigned columns) {
    const MatrixDescriptor descriptor(bits);
    check_proxy(block, descriptor, columns);
    float a[16][16];
    gather_a(operands, 0, a);
    for (unsigned tile = 0; tile < columns / 8; tile++) {
        Eight b[16];
        gather_b(block, descriptor, tile, b);
        multiply_tile(operands, static_cast<int>(tile), a, b);
    }
}

// All threads of a warpgroup issue the same products.
void check_same(Block& block, Lane& lane, std::uint64_t bits, unsigned columns) {
    const std::size_t group = lane.warp->index / 4;
    if (block.issued.size() <= group) {
        block.issued.resize(group + 1);
    }
    std::vector<IssuedProduct>& issued = block.issued[group];
    const std::size_t index = lane.products_issued++;
    if (index == issued.size()) {
        const auto first = block.lanes.begin() + static_cast<std::ptrdiff_t>(group * 128);
        if (std::any_of(first, first + 128, [](const Lane& other) { return other.state == LaneState::Finished; })) {
            fail_wgmma("a thread of the warpgroup has returned");
        }
        issued.push_back({bits, columns});
    } else if (issued[index].descriptor != bits || issued[index].columns != columns) {
        fail_wgmma("the threads of a warpgroup issue different products");
    }
}

bool is_poison(const float* sums, std::size_t count) {
    return std::all_of(sums, sums + count, [](float value) { return std::bit_cast<std::uint32_t>(value) == poison; });
}

PendingProduct& pending_product(Lane& lane, float* sums, unsigned columns) {
    const auto at = std::find_if(lane.products.begin(), lane.products.end(), [=](const PendingProduct& product) { return product.sums == sums; });
    if (at != lane.products.end()) {
        if (at->results.size() != columns / 2 || !is_poison(sums, columns / 2)) {
            fail_wgmma("the accumulators have been used before wgmma_wait");
        }
        return *at;
    }
    PendingProduct& product = lane.products.emplace_back();
    product.sums = sums;
    product.results.assign(sums, sums + columns / 2);
    std::fill_n(sums, columns / 2, std::bit_cast<float>(poison));
    return product;
}

} // namespace

void Lane::forget_products() {
    products.clear();
    matrices.clear();
    open_product_group = 0;
    products_issued = 0;
    is_register_fenced = false;
}

void check_no_products(const Block& block, const Lane& lane) {
    const std::size_t group = lane.warp->index / 4;
    if (!lane.products.empty()) {
        fail_wgmma("the thread returns before wgmma_wait");
    }
    if (group < block.issued.size() && block.issued[group].size() != lane.products_issued) {
        fail_wgmma("the thread returns before a product that others of its warpgroup have issued");
    }
}

std::uint32_t shared_address(const void* shared) {
    const Block& block = *current_worker->block;
    const std::ptrdiff_t offset = static_cast<const char*>(shared) - block.dynamic.address;
    if (offset < 0 || static_cast<std::size_t>(offset) > block.dynamic.bytes) {
        fail(CUDA_ERROR_ILLEGAL_ADDRESS, "shared_address of what is not in dynamic shared memory");
    }
    return first_address + static_cast<std::uint32_t>(offset);
}

void fence_async_proxy() { current_worker->lane->proxy_fences++; }

void warpgroup_fence(Place place) {
    warp_barrier(all, place);
    current_worker->lane->is_register_fenced = true;
}

void warpgroup_multiply(float* sums, const unsigned* a, std::uint64_t descriptor, int n, Place place) {
    Block& block = *current_worker->block;
    Lane& lane = *current_worker->lane;
    const unsigned columns = static_cast<unsigned>(n);
    if (block.thread_count % 128 != 0) {
        fail_wgmma("the block's threads are no whole warpgroups");
    }
    if (!lane.is_register_fenced) {
        fail_wgmma("no wgmma_fence since the registers may have been used");
    }
    check_same(block, lane, descriptor, columns);
    PendingProduct& product = pending_product(lane, sums, columns);
    product.group = lane.open_product_group;
    PendingMatrix& matrix = lane.matrices.emplace_back();
    matrix.group = lane.open_product_group;
    matrix.registers = a;
    std::copy_n(a, 4, matrix.values);
    matrix.descriptor = descriptor;
    matrix.columns = columns;
    WarpOperands& operands = lane.warp->operands;
    operands.sums[lane.in_warp] = product.results.data();
    operands.a[lane.in_warp] = matrix.values;
    warp_barrier(all, place);
    if (lane.in_warp == 0) {
        matrix.hash = hash_of(block, descriptor, columns);
        multiply(block, operands, descriptor, columns);
    }
    warp_barrier(all, place);
}

void warpgroup_commit(Place place) {
    warp_barrier(all, place);
    current_worker->lane->open_product_group++;
}

void warpgroup_wait(unsigned groups_that_may_be_open, Place place) {
    warp_barrier(all, place);
    const Block& block = *current_worker->block;
    Lane& lane = *current_worker->lane;
    const auto is_done = [&](unsigned group) { return group + groups_that_may_be_open < lane.open_product_group; };
    for (const PendingMatrix& matrix : lane.matrices) {
        if (is_done(matrix.group) && !std::equal(matrix.values, matrix.values + 4, matrix.registers)) {
            fail_wgmma("the registers of the first matrix have been written before wgmma_wait");
        }
        if (is_done(matrix.group) && lane.in_warp == 0 && hash_of(block, matrix.descriptor, matrix.columns) != matrix.hash) {
            fail_wgmma("the second matrix has been written before wgmma_wait");
        }
    }
    std::erase_if(lane.matrices, [&](const PendingMatrix& matrix) { return is_done(matrix.group); });
    for (const PendingProduct& product : lane.products) {
        if (!is_poison(product.sums, product.results.size())) {
            fail_wgmma("the accumulators have been written before wgmma_wait");
        }
        if (is_done(product.group)) {
            std::copy(product.results.begin(), product.results.end(), product.sums);
        }
    }
    std::erase_if(lane.products, [&](const PendingProduct& product) { return is_done(product.group); });
    lane.is_register_fenced = false;
}

} // namespace emulation
