#include <algorithm>
#include <cstring>
#include <map>
#include <string_view>

#include "device_limits.h"
#include "device_memory.h"
#include "driver.h"
#include "launch.h"

// The driver API: modules, functions and launches.

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulation {

namespace {

constexpr const char* image_begin = "// CudaTts emulated device";

std::vector<KernelDescription>& all_kernels() {
    static std::vector<KernelDescription>* const all = new std::vector<KernelDescription>;
    return *all;
}

// In order of their names. A header's are registered by every file that has it.
std::map<std::string, int>& constants() {
    static std::map<std::string, int>* const all = new std::map<std::string, int>;
    return *all;
}

// The rule of kernels/Kernels.targets and src/CudaTts/Compute/Cuda/KernelLibrary.cs, for the two capabilities that this device can have.
bool is_for_this_device(const KernelDescription& kernel) {
    const std::string_view file = kernel.file;
    return has_clusters() || !(file.ends_with("_sm90.cu") || file.ends_with("_sm90a.cu"));
}

// How often each kernel was started, so that tests can tell which none of them runs.
std::map<std::string, std::uint64_t>& launches() {
    static std::map<std::string, std::uint64_t>* const all = new std::map<std::string, std::uint64_t>;
    return *all;
}

const char* ptx_type(Parameter parameter) {
    switch (parameter) {
        case Parameter::Float: return ".f32";
        case Parameter::Integer32: return ".u32";
        default: return ".u64";
    }
}

std::size_t size_of(const KernelDescription& kernel, unsigned parameter) {
    switch (kernel.parameters[parameter]) {
        case Parameter::Structure: return kernel.structure_bytes;
        case Parameter::Float:
        case Parameter::Integer32: return 4;
        default: return 8;
    }
}

std::string ptx_parameter(const KernelDescription& kernel, unsigned parameter) {
    const std::string name = std::string(kernel.name) + "_param_" + std::to_string(parameter);
    return kernel.parameters[parameter] == Parameter::Structure ? ".align 8 .b8 " + name + "[" + std::to_string(kernel.structure_bytes) + "]"
                                                                : ptx_type(kernel.parameters[parameter]) + (" " + name);
}

std::string make_image() {
    std::string text = std::string(image_begin) + "\n.version 8.0\n.target sm_80\n.address_size 64\n";
    for (const auto& [name, value] : constants()) {
        text += ".const .align 4 .u32 exported_" + name + " = " + std::to_string(value) + ";\n";
    }
    for (const KernelDescription* const kernel : kernels()) {
        text += std::string("\n.visible .entry ") + kernel->name + "(\n";
        for (unsigned i = 0; i < kernel->parameter_count; i++) {
            text += "\t.param " + ptx_parameter(*kernel, i);
            text += i + 1 < kernel->parameter_count ? ",\n" : "\n";
        }
        text += ")\n{\n\tret;\n}\n";
    }
    return text;
}

CUresult check_dimensions(const KernelCall& call) {
    const dim3 grid = call.grid;
    const dim3 block = call.block;
    if (grid.x == 0 || grid.y == 0 || grid.z == 0 || grid.x > max_grid_x || grid.y > max_grid_yz || grid.z > max_grid_yz) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: a grid of %u x %u x %u blocks is not possible", call.function->kernel->name, grid.x, grid.y, grid.z);
    }
    if (block.x == 0 || block.y == 0 || block.z == 0 || block.x > max_threads_per_block || block.y > max_threads_per_block || block.z > max_block_z ||
        static_cast<std::uint64_t>(block.x) * block.y * block.z > max_threads_per_block) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: a block of %u x %u x %u threads is not possible", call.function->kernel->name, block.x, block.y, block.z);
    }
    return CUDA_SUCCESS;
}

CUresult check_shared(const KernelCall& call) {
    const unsigned limit = std::max(default_shared_bytes, call.function->dynamic_shared_limit);
    if (call.shared_bytes > limit) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: %u bytes of dynamic shared memory, but its limit is %u%s", call.function->kernel->name,
            call.shared_bytes, limit, call.function->dynamic_shared_limit == 0 ? " (cuFuncSetAttribute raises it)" : "");
    }
    return CUDA_SUCCESS;
}

CUresult check_cluster(const KernelCall& call) {
    const char* const name = call.function->kernel->name;
    const unsigned blocks = call.cluster_blocks;
    if (blocks > 1 && !has_clusters()) {
        return refuse(CUDA_ERROR_NOT_SUPPORTED, "kernel %s: clusters of %u blocks need compute capability 9.0, and this device has %d.%d", name, blocks,
            capability().major, capability().minor);
    }
    if (blocks == 0 || blocks > max_cluster_blocks || call.grid.x % blocks != 0) {
        return refuse(CUDA_ERROR_INVALID_CLUSTER_SIZE, "kernel %s: a grid of %u blocks along x cannot be of clusters of %u; a cluster has at most %u and divides the grid",
            name, call.grid.x, blocks, max_cluster_blocks);
    }
    return CUDA_SUCCESS;
}

CUresult check_residency(const KernelCall& call) {
    const unsigned threads = call.block.x * call.block.y * call.block.z;
    const std::uint64_t blocks = static_cast<std::uint64_t>(call.grid.x) * call.grid.y * call.grid.z;
    std::uint64_t most = static_cast<std::uint64_t>(max_clusters_of(*call.function, threads, call.shared_bytes, call.cluster_blocks)) * call.cluster_blocks;
    if (const unsigned limit = driver().resident_multiprocessors; limit != 0) {
        most = std::min<std::uint64_t>(most, static_cast<std::uint64_t>(limit) * max_blocks_per_multiprocessor_of(*call.function, threads, call.shared_bytes));
    }
    if (call.cluster_blocks > 1 && most == 0) {
        return refuse(CUDA_ERROR_INVALID_CLUSTER_SIZE, "kernel %s: no GPC holds a cluster of %u blocks of %u threads and %u bytes of dynamic shared memory",
            call.function->kernel->name, call.cluster_blocks, threads, call.shared_bytes);
    }
    if (call.is_cooperative && blocks > most) {
        return refuse(CUDA_ERROR_COOPERATIVE_LAUNCH_TOO_LARGE, "kernel %s: %llu blocks in clusters of %u cannot be resident at once, only %llu on %u multiprocessors",
            call.function->kernel->name, static_cast<unsigned long long>(blocks), call.cluster_blocks, static_cast<unsigned long long>(most), multiprocessor_count());
    }
    return CUDA_SUCCESS;
}

// A pointer that no allocation has is never meant, although hardware would only complain when it is used.
CUresult check_pointers(const KernelCall& call) {
    const KernelDescription& kernel = *call.function->kernel;
    for (unsigned i = 0; i < kernel.parameter_count; i++) {
        const std::uint64_t address = call.arguments[i];
        if (kernel.parameters[i] == Parameter::Pointer && address != 0 && !is_for_kernels(address)) {
            return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s: argument %u is a pointer to %s", kernel.name, i, describe_device_address(address).c_str());
        }
    }
    return CUDA_SUCCESS;
}

CUresult check_launch(const KernelCall& call) {
    for (const auto check : {check_dimensions, check_shared, check_cluster, check_residency, check_pointers}) {
        if (const CUresult result = check(call); result != CUDA_SUCCESS) {
            return result;
        }
    }
    return CUDA_SUCCESS;
}

CUresult break_context(int result, const std::string& report) {
    driver().broken = static_cast<CUresult>(result);
    driver().report = report;
    return driver().broken;
}

// From one buffer (the `extra` parameter), whose size shows whether the number of arguments is right, or from an array of pointers.
CUresult read_arguments(const KernelDescription& kernel, void** parameters, void** extra, std::vector<std::uint64_t>& arguments) {
    arguments.resize(std::max(kernel.parameter_count, kernel.structure_bytes / 8));
    if (extra == nullptr) {
        for (unsigned i = 0; i < kernel.parameter_count; i++) {
            if (parameters == nullptr || parameters[i] == nullptr) {
                return refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s takes %u arguments: argument %u is missing", kernel.name, kernel.parameter_count, i);
            }
            std::memcpy(&arguments[i], parameters[i], size_of(kernel, i));
        }
        return CUDA_SUCCESS;
    }
    const char* buffer = nullptr;
    std::size_t given = 0;
    for (; *extra != nullptr; extra += 2) {
        const std::uintptr_t what = reinterpret_cast<std::uintptr_t>(extra[0]);
        buffer = what == 1 ? static_cast<const char*>(extra[1]) : buffer;
        given = what == 2 ? *static_cast<const std::size_t*>(extra[1]) : given;
    }
    std::size_t offset = 0;
    std::size_t end = 0;
    for (unsigned i = 0; i < kernel.parameter_count; i++) {
        const std::size_t size = size_of(kernel, i);
        const std::size_t alignment = std::min<std::size_t>(size, 8);
        offset = (end + alignment - 1) / alignment * alignment;
        end = offset + size;
        if (buffer != nullptr && end <= given) {
            std::memcpy(&arguments[i], buffer + offset, size);
        }
    }
    return buffer != nullptr && (end == given || (end + 7) / 8 * 8 == given)
               ? CUDA_SUCCESS
               : refuse(CUDA_ERROR_INVALID_VALUE, "kernel %s takes %u arguments in %zu bytes, but %zu bytes were given", kernel.name, kernel.parameter_count, end, given);
}

CUresult launch_in_stream(CUfunction handle, KernelCall launch, CUstream stream_handle, void** parameters, void** extra) {
    // cuLaunchKernelEx counts itself.
    const char* const name = launch.cluster_blocks > 1 ? "" : launch.is_cooperative ? "cuLaunchCooperativeKernel" : "cuLaunchKernel";
    const Call call(Call::Needs::Context, name);
    if (call.is_refused()) {
        return call.result();
    }
    Function* const function = find_function(handle);
    Stream* const stream = find_stream(stream_handle);
    if (function == nullptr || stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "launch: the %s is none", function == nullptr ? "function" : "stream");
    }
    Node node;
    node.call = std::move(launch);
    node.call.function = function;
    if (const CUresult result = read_arguments(*function->kernel, parameters, extra, node.call.arguments); result != CUDA_SUCCESS) {
        return result;
    }
    if (const CUresult result = check_launch(node.call); result != CUDA_SUCCESS) {
        return result;
    }
    return enqueue(*stream, std::move(node));
}

KernelCall make_call(dim3 grid, dim3 block, unsigned shared_bytes, bool is_cooperative) {
    KernelCall call;
    call.grid = grid;
    call.block = block;
    call.shared_bytes = shared_bytes;
    call.is_cooperative = is_cooperative;
    return call;
}

CUresult read_config(const CUlaunchConfig& config, KernelCall& call) {
    call = make_call({config.gridDimX, config.gridDimY, config.gridDimZ}, {config.blockDimX, config.blockDimY, config.blockDimZ}, config.sharedMemBytes, false);
    for (unsigned i = 0; i < config.numAttrs; i++) {
        const CUlaunchAttribute& attribute = config.attrs[i];
        const auto cluster = attribute.value.clusterDim;
        if (attribute.id == CU_LAUNCH_ATTRIBUTE_COOPERATIVE) {
            call.is_cooperative = attribute.value.cooperative != 0;
        } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION && cluster.y == 1 && cluster.z == 1) {
            call.cluster_blocks = cluster.x;
        } else if (attribute.id == CU_LAUNCH_ATTRIBUTE_CLUSTER_DIMENSION) {
            return refuse(CUDA_ERROR_NOT_SUPPORTED, "the emulated device has clusters along x alone, not of %u x %u x %u", cluster.x, cluster.y, cluster.z);
        } else {
            return refuse(CUDA_ERROR_NOT_SUPPORTED, "the emulated device does not have launch attribute %d", static_cast<int>(attribute.id));
        }
    }
    return CUDA_SUCCESS;
}

} // namespace

std::vector<const KernelDescription*> kernels() {
    std::vector<const KernelDescription*> present;
    for (const KernelDescription& kernel : all_kernels()) {
        if (is_for_this_device(kernel)) {
            present.push_back(&kernel);
        }
    }
    return present;
}

bool register_kernel(const KernelDescription& description) {
    auto& all = all_kernels();
    const auto place = std::lower_bound(all.begin(), all.end(), description,
        [](const KernelDescription& left, const KernelDescription& right) { return std::strcmp(left.name, right.name) < 0; });
    all.insert(place, description);
    return true;
}

bool register_constant(const char* name, int value) {
    constants().emplace(name, value);
    return true;
}

Function* find_function(CUfunction handle) {
    return driver().functions.find(handle);
}

unsigned max_blocks_per_multiprocessor_of(const Function& function, unsigned threads, std::size_t dynamic_shared_bytes) {
    const unsigned whole_warps = (threads + lanes_per_warp - 1) / lanes_per_warp * lanes_per_warp;
    const std::size_t shared = dynamic_shared_bytes + function.static_shared_bytes + reserved_shared_bytes;
    if (threads == 0 || whole_warps > max_threads_per_block || shared > shared_bytes_per_multiprocessor()) {
        return 0;
    }
    const std::size_t by_shared = shared_bytes_per_multiprocessor() / shared;
    return static_cast<unsigned>(std::min<std::size_t>({max_threads_per_multiprocessor / whole_warps, max_blocks_per_multiprocessor, by_shared}));
}

unsigned max_clusters_of(const Function& function, unsigned threads, std::size_t dynamic_shared_bytes, unsigned cluster_blocks) {
    const unsigned blocks = max_blocks_per_multiprocessor_of(function, threads, dynamic_shared_bytes);
    unsigned clusters = 0;
    for (const unsigned multiprocessors : multiprocessors_of_gpcs()) {
        clusters += multiprocessors * blocks / cluster_blocks;
    }
    return clusters;
}

CUresult launch(const KernelCall& call) {
    // A graph may have been captured when its pointers were good.
    if (const CUresult result = check_pointers(call); result != CUDA_SUCCESS) {
        return result;
    }
    const KernelDescription& kernel = *call.function->kernel;
    std::vector<const void*> arguments;
    for (const std::uint64_t& argument : call.arguments) {
        arguments.push_back(&argument);
    }
    launches()[kernel.name]++;
    if (driver().trapping == kernel.name) {
        return break_context(CUDA_ERROR_LAUNCH_FAILED, std::string("kernel ") + kernel.name + ": trapped, as a test has asked");
    }
    Launch launch;
    launch.kernel = &kernel;
    launch.arguments = arguments.data();
    launch.grid = call.grid;
    launch.block = call.block;
    launch.dynamic_shared_bytes = call.shared_bytes;
    launch.shared_limit = call.function->dynamic_shared_limit != 0 ? opt_in_shared_bytes() : default_shared_bytes;
    launch.is_cooperative = call.is_cooperative;
    launch.cluster_blocks = call.cluster_blocks;
    const Failure failure = run_launch(launch);
    call.function->static_shared_bytes = std::max(call.function->static_shared_bytes, launch.static_shared_bytes.load());
    if (failure.result != 0) {
        return break_context(failure.result, failure.message);
    }
    // Any word of a structure may be a pointer.
    for (unsigned i = 0; i < call.arguments.size(); i++) {
        if ((kernel.structure_bytes == 0 && kernel.parameters[i] != Parameter::Pointer) || call.arguments[i] == 0) {
            continue;
        }
        if (const std::string broken = broken_bounds(call.arguments[i]); !broken.empty()) {
            return break_context(CUDA_ERROR_ILLEGAL_ADDRESS, std::string("kernel ") + kernel.name + ", argument " + std::to_string(i) + ": " + broken);
        }
    }
    return CUDA_SUCCESS;
}

} // namespace emulation

using namespace emulation;

EXPORT const char* cudatts_emulated_image() {
    const std::lock_guard guard(driver().lock);
    static std::string* const text = new std::string;
    *text = make_image();
    return text->c_str();
}

EXPORT unsigned long long cudatts_emulated_launches(const char* name) {
    const std::lock_guard guard(driver().lock);
    const auto found = launches().find(name);
    return found != launches().end() ? found->second : 0;
}

EXPORT CUresult cuModuleLoadDataEx(CUmodule* module_handle, const void* image, unsigned, int*, void**) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    if (module_handle == nullptr || image == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (const CUresult result = refuse_in_capture("cuModuleLoadDataEx"); result != CUDA_SUCCESS) {
        return result;
    }
    if (std::strncmp(static_cast<const char*>(image), image_begin, std::strlen(image_begin)) != 0) {
        return refuse(CUDA_ERROR_INVALID_IMAGE, "the emulated device loads only what cudatts_emulated_image() returns");
    }
    *module_handle = reinterpret_cast<CUmodule>(driver().modules.add(std::make_unique<Module>()));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuModuleUnload(CUmodule handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Module* const module = driver().modules.find(handle);
    if (module == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuModuleUnload: the module is none, or has been unloaded");
    }
    for (const auto& [name, function] : module->functions) {
        driver().functions.remove(function);
    }
    driver().modules.remove(handle);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuModuleGetFunction(CUfunction* function, CUmodule handle, const char* name) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Module* const module = driver().modules.find(handle);
    if (module == nullptr || function == nullptr || name == nullptr) {
        return module == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuModuleGetFunction: the module is none") : CUDA_ERROR_INVALID_VALUE;
    }
    const auto present = kernels();
    const auto kernel = std::find_if(present.begin(), present.end(), [=](const KernelDescription* known) { return std::strcmp(known->name, name) == 0; });
    if (kernel == present.end()) {
        return refuse(CUDA_ERROR_NOT_FOUND, "there is no kernel %s", name);
    }
    Function*& known = module->functions[name];
    if (known == nullptr) {
        known = driver().functions.add(std::make_unique<Function>());
        known->kernel = *kernel;
    }
    *function = reinterpret_cast<CUfunction>(known);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuFuncGetAttribute(int* value, CUfunction_attribute attribute, CUfunction handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Function* const function = find_function(handle);
    if (function == nullptr || value == nullptr) {
        return function == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuFuncGetAttribute: the function is none") : CUDA_ERROR_INVALID_VALUE;
    }
    switch (attribute) {
        case CU_FUNC_ATTRIBUTE_MAX_THREADS_PER_BLOCK: *value = max_threads_per_block; break;
        case CU_FUNC_ATTRIBUTE_SHARED_SIZE_BYTES: *value = static_cast<int>(function->static_shared_bytes); break;
        case CU_FUNC_ATTRIBUTE_NUM_REGS: *value = 32; break;
        case CU_FUNC_ATTRIBUTE_PTX_VERSION:
        case CU_FUNC_ATTRIBUTE_BINARY_VERSION: *value = 10 * capability().major + capability().minor; break;
        case CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES:
            *value = static_cast<int>(function->dynamic_shared_limit != 0 ? function->dynamic_shared_limit : default_shared_bytes - function->static_shared_bytes);
            break;
        default: *value = 0;
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuFuncSetAttribute(CUfunction handle, CUfunction_attribute attribute, int value) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Function* const function = find_function(handle);
    if (function == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuFuncSetAttribute: the function is none");
    }
    if (attribute == CU_FUNC_ATTRIBUTE_PREFERRED_SHARED_MEMORY_CARVEOUT) {
        return CUDA_SUCCESS;
    }
    if (attribute != CU_FUNC_ATTRIBUTE_MAX_DYNAMIC_SHARED_SIZE_BYTES || value < 0 ||
        static_cast<unsigned>(value) + function->static_shared_bytes > opt_in_shared_bytes()) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuFuncSetAttribute: kernel %s cannot have %d bytes of dynamic shared memory, at most %u", function->kernel->name, value,
            opt_in_shared_bytes() - function->static_shared_bytes);
    }
    function->dynamic_shared_limit = static_cast<unsigned>(value);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuOccupancyMaxActiveBlocksPerMultiprocessor(int* blocks, CUfunction handle, int threads, std::size_t dynamic_shared_bytes) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Function* const function = find_function(handle);
    if (function == nullptr || blocks == nullptr || threads <= 0) {
        return function == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuOccupancyMaxActiveBlocksPerMultiprocessor: the function is none") : CUDA_ERROR_INVALID_VALUE;
    }
    *blocks = static_cast<int>(max_blocks_per_multiprocessor_of(*function, static_cast<unsigned>(threads), dynamic_shared_bytes));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuOccupancyMaxActiveClusters(int* clusters, CUfunction handle, const CUlaunchConfig* config) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Function* const function = find_function(handle);
    if (function == nullptr || clusters == nullptr || config == nullptr) {
        return function == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuOccupancyMaxActiveClusters: the function is none") : CUDA_ERROR_INVALID_VALUE;
    }
    KernelCall launch;
    if (const CUresult result = read_config(*config, launch); result != CUDA_SUCCESS) {
        return result;
    }
    launch.function = function;
    for (const auto check : {check_dimensions, check_shared, check_cluster}) {
        if (const CUresult result = check(launch); result != CUDA_SUCCESS) {
            return result;
        }
    }
    *clusters = static_cast<int>(max_clusters_of(*function, launch.block.x * launch.block.y * launch.block.z, launch.shared_bytes, launch.cluster_blocks));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuLaunchKernelEx(const CUlaunchConfig* config, CUfunction function, void** parameters, void** extra) {
    if (config == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    KernelCall launch;
    {
        const Call call;
        if (const CUresult result = call.is_refused() ? call.result() : read_config(*config, launch); result != CUDA_SUCCESS) {
            return result;
        }
    }
    return launch_in_stream(function, std::move(launch), config->hStream, parameters, extra);
}

EXPORT CUresult cuLaunchKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y, unsigned block_z,
    unsigned shared_bytes, CUstream stream, void** parameters, void** extra) {
    return launch_in_stream(function, make_call({grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, false), stream, parameters, extra);
}

EXPORT CUresult cuLaunchCooperativeKernel(CUfunction function, unsigned grid_x, unsigned grid_y, unsigned grid_z, unsigned block_x, unsigned block_y,
    unsigned block_z, unsigned shared_bytes, CUstream stream, void** parameters) {
    return launch_in_stream(function, make_call({grid_x, grid_y, grid_z}, {block_x, block_y, block_z}, shared_bytes, true), stream, parameters, nullptr);
}
