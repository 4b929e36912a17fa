#include <algorithm>
#include <cstdarg>
#include <cstdio>
#include <cstdlib>
#include <cstring>

#include "device_limits.h"
#include "device_memory.h"
#include "driver.h"
#include "scheduler.h"

// The driver API: initialization, the device, its context, errors, and memory.

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulation {

Driver& driver() {
    static Driver* const only = new Driver;
    return *only;
}

Call::Call(Needs needs, const char* function) : guard_(driver().lock) {
    Driver& state = driver();
    state.calls[function]++;
    if (needs != Needs::Nothing && !state.is_initialized) {
        result_ = CUDA_ERROR_NOT_INITIALIZED;
    } else if (needs == Needs::Context && state.context_users == 0) {
        result_ = CUDA_ERROR_INVALID_CONTEXT;
    } else if (needs == Needs::Context && state.broken != CUDA_SUCCESS) {
        result_ = state.broken;
    }
}

CUresult refuse(CUresult result, const char* format, ...) {
    char text[1024];
    va_list arguments;
    va_start(arguments, format);
    std::vsnprintf(text, sizeof text, format, arguments);
    va_end(arguments);
    driver().report = text;
    return result;
}

namespace {

constexpr CUdevice only_device = 0;
char context_object; // There is one context; this is its address.

bool supports_this_build() {
#if defined(__x86_64__) && defined(__AVX2__)
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma") && __builtin_cpu_supports("f16c");
#else
    return true;
#endif
}

int attribute_value(CUdevice_attribute attribute) {
    switch (attribute) {
        case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_BLOCK:
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_X:
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Y: return max_threads_per_block;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCK_DIM_Z: return max_block_z;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_X: return max_grid_x;
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Y:
        case CU_DEVICE_ATTRIBUTE_MAX_GRID_DIM_Z: return max_grid_yz;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK: return default_shared_bytes;
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_BLOCK_OPTIN: return static_cast<int>(opt_in_shared_bytes());
        case CU_DEVICE_ATTRIBUTE_MAX_SHARED_MEMORY_PER_MULTIPROCESSOR: return static_cast<int>(shared_bytes_per_multiprocessor());
        case CU_DEVICE_ATTRIBUTE_RESERVED_SHARED_MEMORY_PER_BLOCK: return reserved_shared_bytes;
        case CU_DEVICE_ATTRIBUTE_TOTAL_CONSTANT_MEMORY: return 64 * 1024;
        case CU_DEVICE_ATTRIBUTE_WARP_SIZE: return lanes_per_warp;
        case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_BLOCK:
        case CU_DEVICE_ATTRIBUTE_MAX_REGISTERS_PER_MULTIPROCESSOR: return 64 * 1024;
        case CU_DEVICE_ATTRIBUTE_CLOCK_RATE:
        case CU_DEVICE_ATTRIBUTE_MEMORY_CLOCK_RATE: return 1'000'000; // kHz
        case CU_DEVICE_ATTRIBUTE_GLOBAL_MEMORY_BUS_WIDTH: return 64;
        case CU_DEVICE_ATTRIBUTE_L2_CACHE_SIZE: return 32 << 20;
        case CU_DEVICE_ATTRIBUTE_MULTIPROCESSOR_COUNT: return static_cast<int>(multiprocessor_count());
        case CU_DEVICE_ATTRIBUTE_MAX_THREADS_PER_MULTIPROCESSOR: return max_threads_per_multiprocessor;
        case CU_DEVICE_ATTRIBUTE_MAX_BLOCKS_PER_MULTIPROCESSOR: return max_blocks_per_multiprocessor;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR: return capability().major;
        case CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MINOR: return capability().minor;
        case CU_DEVICE_ATTRIBUTE_CLUSTER_LAUNCH: return has_clusters() ? 1 : 0;
        case CU_DEVICE_ATTRIBUTE_CAN_MAP_HOST_MEMORY:
        case CU_DEVICE_ATTRIBUTE_CONCURRENT_KERNELS:
        case CU_DEVICE_ATTRIBUTE_ASYNC_ENGINE_COUNT:
        case CU_DEVICE_ATTRIBUTE_UNIFIED_ADDRESSING:
        case CU_DEVICE_ATTRIBUTE_COOPERATIVE_LAUNCH: return 1;
        default: return 0;
    }
}

struct ErrorName {
    CUresult result;
    const char* name;
    const char* text;
};

constexpr ErrorName error_names[] = {
    {CUDA_SUCCESS, "CUDA_SUCCESS", "no error"},
    {CUDA_ERROR_INVALID_VALUE, "CUDA_ERROR_INVALID_VALUE", "invalid argument"},
    {CUDA_ERROR_OUT_OF_MEMORY, "CUDA_ERROR_OUT_OF_MEMORY", "out of memory"},
    {CUDA_ERROR_NOT_INITIALIZED, "CUDA_ERROR_NOT_INITIALIZED", "initialization error"},
    {CUDA_ERROR_NO_DEVICE, "CUDA_ERROR_NO_DEVICE", "no CUDA-capable device is detected"},
    {CUDA_ERROR_INVALID_DEVICE, "CUDA_ERROR_INVALID_DEVICE", "invalid device ordinal"},
    {CUDA_ERROR_INVALID_IMAGE, "CUDA_ERROR_INVALID_IMAGE", "device kernel image is invalid"},
    {CUDA_ERROR_INVALID_CONTEXT, "CUDA_ERROR_INVALID_CONTEXT", "invalid device context"},
    {CUDA_ERROR_INVALID_PTX, "CUDA_ERROR_INVALID_PTX", "a PTX JIT compilation failed"},
    {CUDA_ERROR_INVALID_HANDLE, "CUDA_ERROR_INVALID_HANDLE", "invalid resource handle"},
    {CUDA_ERROR_NOT_FOUND, "CUDA_ERROR_NOT_FOUND", "named symbol not found"},
    {CUDA_ERROR_NOT_READY, "CUDA_ERROR_NOT_READY", "device not ready"},
    {CUDA_ERROR_ILLEGAL_ADDRESS, "CUDA_ERROR_ILLEGAL_ADDRESS", "an illegal memory access was encountered"},
    {CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES, "CUDA_ERROR_LAUNCH_OUT_OF_RESOURCES", "too many resources requested for launch"},
    {CUDA_ERROR_LAUNCH_TIMEOUT, "CUDA_ERROR_LAUNCH_TIMEOUT", "the launch timed out and was terminated"},
    {CUDA_ERROR_ASSERT, "CUDA_ERROR_ASSERT", "device-side assert triggered"},
    {CUDA_ERROR_ILLEGAL_INSTRUCTION, "CUDA_ERROR_ILLEGAL_INSTRUCTION", "an illegal instruction was encountered"},
    {CUDA_ERROR_MISALIGNED_ADDRESS, "CUDA_ERROR_MISALIGNED_ADDRESS", "misaligned address"},
    {CUDA_ERROR_LAUNCH_FAILED, "CUDA_ERROR_LAUNCH_FAILED", "unspecified launch failure"},
    {CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, "CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE", "too many blocks in cooperative launch"},
    {CUDA_ERROR_NOT_SUPPORTED, "CUDA_ERROR_NOT_SUPPORTED", "operation not supported"},
    {CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED", "operation not permitted when stream is capturing"},
    {CUDA_ERROR_STREAM_CAPTURE_INVALIDATED, "CUDA_ERROR_STREAM_CAPTURE_INVALIDATED", "operation failed due to a previous error during capture"},
    {CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "CUDA_ERROR_STREAM_CAPTURE_UNMATCHED", "capture was not ended in the same stream as it began"},
    {CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "CUDA_ERROR_STREAM_CAPTURE_UNJOINED", "capturing stream has unjoined work"},
    {CUDA_ERROR_CAPTURED_EVENT, "CUDA_ERROR_CAPTURED_EVENT", "operation not permitted on an event last recorded in a capturing stream"},
    {CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE", "the graph update was not performed"},
    {CUDA_ERROR_INVALID_CLUSTER_SIZE, "CUDA_ERROR_INVALID_CLUSTER_SIZE", "invalid cluster size"},
    {CUDA_ERROR_UNKNOWN, "CUDA_ERROR_UNKNOWN", "unknown error"},
};

const ErrorName* find_error(CUresult result) {
    const auto found = std::find_if(std::begin(error_names), std::end(error_names), [=](const ErrorName& error) { return error.result == result; });
    return found == std::end(error_names) ? nullptr : found;
}

} // namespace

} // namespace emulation

using namespace emulation;

namespace {

struct NumberSetting {
    const char* name;
    unsigned long long most;
};

constexpr NumberSetting number_settings[] = {
    {"CUDATTS_EMULATED_MEMORY_BYTES", 1ull << 40},
    {"CUDATTS_EMULATED_MULTIPROCESSORS", 1024},
    {"CUDATTS_EMULATED_THREADS", 1024},
};

// What is not set, or empty, has its default.
bool is_number(const char* text, unsigned long long most) {
    if (text == nullptr || *text == '\0') {
        return true;
    }
    unsigned long long value = 0;
    for (; *text >= '0' && *text <= '9' && value <= most; text++) {
        value = 10 * value + static_cast<unsigned long long>(*text - '0');
    }
    return *text == '\0' && value >= 1 && value <= most;
}

} // namespace

EXPORT CUresult cuInit(unsigned flags) {
    const Call call(Call::Needs::Nothing);
    if (flags != 0) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (!supports_this_build()) {
        return refuse(CUDA_ERROR_NO_DEVICE, "the emulated device was built for processors with AVX2, FMA and F16C, and this one is not");
    }
    if (capability().major == 0) {
        return refuse(CUDA_ERROR_NO_DEVICE, "CUDATTS_EMULATED_CAPABILITY: expected 8.0 or 9.0, found '%s'", std::getenv("CUDATTS_EMULATED_CAPABILITY"));
    }
    for (const NumberSetting& setting : number_settings) {
        if (!is_number(std::getenv(setting.name), setting.most)) {
            return refuse(CUDA_ERROR_NO_DEVICE, "%s: expected a whole number from 1 to %llu, found '%s'", setting.name, setting.most, std::getenv(setting.name));
        }
    }
    driver().is_initialized = true;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDriverGetVersion(int* version) {
    if (version == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    *version = 12040;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetCount(int* count) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused() || count == nullptr) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    *count = 1;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGet(CUdevice* device, int ordinal) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device == nullptr || ordinal != only_device) {
        return device == nullptr ? CUDA_ERROR_INVALID_VALUE : CUDA_ERROR_INVALID_DEVICE;
    }
    *device = only_device;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetName(char* name, int length, CUdevice device) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device != only_device || name == nullptr || length <= 0) {
        return device != only_device ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
    }
    std::snprintf(name, static_cast<std::size_t>(length), "CudaTts emulated device");
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceTotalMem_v2(std::size_t* bytes, CUdevice device) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device != only_device || bytes == nullptr) {
        return device != only_device ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
    }
    *bytes = device_memory_size();
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDeviceGetAttribute(int* value, CUdevice_attribute attribute, CUdevice device) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device != only_device || value == nullptr || attribute <= 0) {
        return device != only_device ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
    }
    *value = attribute_value(attribute);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRetain(CUcontext* context, CUdevice device) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device != only_device || context == nullptr) {
        return device != only_device ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_VALUE;
    }
    driver().context_users++;
    *context = reinterpret_cast<CUcontext>(&context_object);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuDevicePrimaryCtxRelease_v2(CUdevice device) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    if (device != only_device || driver().context_users == 0) {
        return device != only_device ? CUDA_ERROR_INVALID_DEVICE : CUDA_ERROR_INVALID_CONTEXT;
    }
    driver().context_users--;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuCtxSetCurrent(CUcontext context) {
    const Call call(Call::Needs::Initialization);
    if (call.is_refused()) {
        return call.result();
    }
    return context == nullptr || context == reinterpret_cast<CUcontext>(&context_object) ? CUDA_SUCCESS : CUDA_ERROR_INVALID_CONTEXT;
}

EXPORT CUresult cuCtxSynchronize() {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const CUresult result = refuse_in_capture("cuCtxSynchronize");
    make_late_copies();
    return result;
}

EXPORT CUresult cuGetErrorName(CUresult result, const char** name) {
    const ErrorName* const error = find_error(result);
    *name = error != nullptr ? error->name : nullptr;
    return error != nullptr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuGetErrorString(CUresult result, const char** text) {
    const ErrorName* const error = find_error(result);
    *text = error != nullptr ? error->text : nullptr;
    return error != nullptr ? CUDA_SUCCESS : CUDA_ERROR_INVALID_VALUE;
}

EXPORT CUresult cuMemGetInfo_v2(std::size_t* free, std::size_t* total) {
    const Call call;
    if (call.is_refused() || free == nullptr || total == nullptr) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    *total = device_memory_size();
    *free = *total - memory_use(MemoryKind::Device).bytes;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemAlloc_v2(CUdeviceptr* address, std::size_t bytes) {
    const Call call;
    if (call.is_refused() || address == nullptr || bytes == 0) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    if (const CUresult result = refuse_in_capture("cuMemAlloc"); result != CUDA_SUCCESS) {
        return result;
    }
    *address = allocate_memory(MemoryKind::Device, bytes);
    return *address != 0 ? CUDA_SUCCESS : refuse(CUDA_ERROR_OUT_OF_MEMORY, "no memory for %zu bytes of device memory", bytes);
}

EXPORT CUresult cuMemFree_v2(CUdeviceptr address) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    if (const CUresult result = refuse_in_capture("cuMemFree"); result != CUDA_SUCCESS) {
        return result;
    }
    make_late_copies();
    const std::string broken = address != 0 ? broken_bounds(address) : std::string();
    if (!free_memory(MemoryKind::Device, address)) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFree of 0x%llx: %s", address, describe_device_address(address).c_str());
    }
    if (!broken.empty()) {
        driver().broken = CUDA_ERROR_ILLEGAL_ADDRESS;
        return refuse(CUDA_ERROR_ILLEGAL_ADDRESS, "cuMemFree: %s", broken.c_str());
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemHostAlloc(void** address, std::size_t bytes, unsigned flags) {
    const Call call;
    if (call.is_refused() || address == nullptr || bytes == 0) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    const bool is_mapped = (flags & CU_MEMHOSTALLOC_DEVICEMAP) != 0;
    *address = reinterpret_cast<void*>(allocate_memory(is_mapped ? MemoryKind::MappedHost : MemoryKind::Host, bytes));
    return *address != nullptr ? CUDA_SUCCESS : CUDA_ERROR_OUT_OF_MEMORY;
}

// One address for both sides.
EXPORT CUresult cuMemHostGetDevicePointer_v2(CUdeviceptr* device, void* host, unsigned flags) {
    const Call call;
    if (call.is_refused() || device == nullptr || flags != 0) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(host);
    if (!is_for_kernels(address)) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemHostGetDevicePointer of %s", describe_device_address(address).c_str());
    }
    *device = address;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuMemFreeHost(void* pointer) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    make_late_copies();
    const std::uintptr_t address = reinterpret_cast<std::uintptr_t>(pointer);
    const std::string broken = address != 0 ? broken_bounds(address) : std::string();
    if (!free_memory(MemoryKind::Host, address) && !free_memory(MemoryKind::MappedHost, address)) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemFreeHost of %p, which is no host allocation", pointer);
    }
    if (!broken.empty()) {
        driver().broken = CUDA_ERROR_ILLEGAL_ADDRESS;
        return refuse(CUDA_ERROR_ILLEGAL_ADDRESS, "cuMemFreeHost: %s", broken.c_str());
    }
    return CUDA_SUCCESS;
}

EXPORT const char* cudatts_emulated_report() {
    const std::lock_guard guard(driver().lock);
    return driver().report.c_str();
}

EXPORT std::size_t cudatts_emulated_live_allocations() {
    const std::lock_guard guard(driver().lock);
    return memory_use(MemoryKind::Device).allocations + memory_use(MemoryKind::Host).allocations + memory_use(MemoryKind::MappedHost).allocations;
}

EXPORT std::size_t cudatts_emulated_live_objects() {
    const std::lock_guard guard(driver().lock);
    const Driver& state = driver();
    return state.streams.count() + state.events.count() + state.modules.count() + state.graphs.count() + state.executables.count();
}

EXPORT std::size_t cudatts_emulated_count_poison(CUdeviceptr address, std::size_t bytes) {
    const std::lock_guard guard(driver().lock);
    std::size_t count = 0;
    for (std::size_t i = 0; is_allocated(address, bytes) && i + 4 <= bytes; i += 4) {
        std::uint32_t word;
        std::memcpy(&word, reinterpret_cast<const void*>(address + i), 4);
        count += word == 0xFFFFFFFFu;
    }
    return count;
}

EXPORT unsigned long long cudatts_emulated_calls(const char* name) {
    const std::lock_guard guard(driver().lock);
    const auto found = driver().calls.find(name);
    return found != driver().calls.end() ? found->second : 0;
}

EXPORT void cudatts_emulated_limit_multiprocessors(unsigned count) {
    const std::lock_guard guard(driver().lock);
    driver().resident_multiprocessors = count;
}

EXPORT void cudatts_emulated_trap_in(const char* kernel) {
    const std::lock_guard guard(driver().lock);
    driver().trapping = kernel;
}

EXPORT void cudatts_emulated_set_patience(double seconds) { patience_nanoseconds = static_cast<std::uint64_t>(seconds * 1e9); }

EXPORT void cudatts_emulated_reset() {
    const std::lock_guard guard(driver().lock);
    Driver& state = driver();
    state.broken = CUDA_SUCCESS;
    state.report.clear();
    state.resident_multiprocessors = 0;
    state.trapping.clear();
    state.streams.clear();
    state.events.clear();
    state.modules.clear();
    state.functions.clear();
    state.graphs.clear();
    state.executables.clear();
    state.captures.clear();
    state.default_stream = {};
    state.context_users = 0;
    patience_nanoseconds = default_patience_nanoseconds;
    free_all_memory();
}
