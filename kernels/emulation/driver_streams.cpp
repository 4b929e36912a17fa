#include <time.h>

#include <algorithm>
#include <cstring>
#include <thread>

#include "device_memory.h"
#include "driver.h"

// The driver API: streams, events, copies and graphs. Streams do their work at once; while one is being captured it is recorded instead.

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace emulation {

namespace {

std::uint64_t this_thread() { return std::hash<std::thread::id>()(std::this_thread::get_id()); }

double milliseconds_now() {
    timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return static_cast<double>(now.tv_sec) * 1e3 + static_cast<double>(now.tv_nsec) * 1e-6;
}

CUresult check_device_range(const char* function, std::uintptr_t address, std::size_t bytes) {
    return is_allocated(address, bytes)
               ? CUDA_SUCCESS
               : refuse(CUDA_ERROR_INVALID_VALUE, "%s of %zu bytes at %s", function, bytes, describe_device_address(address).c_str());
}

CUresult fill(const Node& node) {
    unsigned char* const bytes = reinterpret_cast<unsigned char*>(node.destination);
    if (node.element_bytes == 1) {
        std::memset(bytes, static_cast<int>(node.value & 0xFFu), node.bytes);
        return CUDA_SUCCESS;
    }
    for (std::size_t i = 0; i < node.bytes; i += 4) {
        std::memcpy(bytes + i, &node.value, 4);
    }
    return CUDA_SUCCESS;
}

CUresult copy(CUstream stream_handle, Node node, const char* function, bool is_source_device, bool is_destination_device) {
    Stream* const stream = find_stream(stream_handle);
    if (stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "%s: the stream is none", function);
    }
    if (node.bytes == 0) {
        return CUDA_SUCCESS;
    }
    if (node.source == 0 || node.destination == 0) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "%s: a null pointer", function);
    }
    if (is_source_device) {
        if (const CUresult result = check_device_range(function, node.source, node.bytes); result != CUDA_SUCCESS) {
            return result;
        }
    }
    if (is_destination_device) {
        if (const CUresult result = check_device_range(function, node.destination, node.bytes); result != CUDA_SUCCESS) {
            return result;
        }
    }
    node.kind = NodeKind::Copy;
    return enqueue(*stream, std::move(node));
}

CUresult fill(CUstream stream_handle, CUdeviceptr address, unsigned value, std::size_t count, unsigned element_bytes) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = find_stream(stream_handle);
    if (stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuMemset: the stream is none");
    }
    if (address % element_bytes != 0) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuMemset: the address is not a multiple of %u bytes", element_bytes);
    }
    if (const CUresult result = check_device_range("cuMemset", address, count * element_bytes); result != CUDA_SUCCESS) {
        return result;
    }
    Node node;
    node.kind = NodeKind::Fill;
    node.destination = address;
    node.bytes = count * element_bytes;
    node.element_bytes = element_bytes;
    node.value = value;
    return enqueue(*stream, std::move(node));
}

bool matches(const Node& left, const Node& right) {
    return left.kind == right.kind && (left.kind != NodeKind::Kernel || (left.call.is_cooperative == right.call.is_cooperative && left.call.cluster_blocks == right.call.cluster_blocks));
}

// No stream takes part any longer.
void abandon(Capture& capture) {
    for (const auto& [other, position] : capture.unjoined) {
        other->capture.reset();
    }
    for (Stream* const joined : capture.joined) {
        joined->capture.reset();
    }
    capture.unjoined.clear();
    capture.joined.clear();
    capture.is_open = false;
}

CUresult end_capture(Stream& stream, Graph& graph) {
    const std::shared_ptr<Capture> capture = stream.capture;
    if (capture == nullptr) {
        return refuse(CUDA_ERROR_INVALID_VALUE, "cuStreamEndCapture: the stream is not being captured");
    }
    if (capture->origin != &stream) {
        return refuse(CUDA_ERROR_STREAM_CAPTURE_UNMATCHED, "cuStreamEndCapture: the capture began in another stream");
    }
    stream.capture.reset();
    const bool is_unjoined = !capture->unjoined.empty();
    abandon(*capture);
    if (capture->is_invalid) {
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    if (is_unjoined) {
        return refuse(CUDA_ERROR_STREAM_CAPTURE_UNJOINED, "cuStreamEndCapture: another stream has captured work that the first one does not wait for");
    }
    graph.nodes = std::move(capture->nodes);
    return CUDA_SUCCESS;
}

} // namespace

Stream* find_stream(CUstream handle) {
    return reinterpret_cast<std::uintptr_t>(handle) <= 2 ? &driver().default_stream : driver().streams.find(handle);
}

CUresult execute(const Node& node) {
    switch (node.kind) {
        case NodeKind::Kernel: return launch(node.call);
        case NodeKind::Fill: return fill(node);
        default: std::memmove(reinterpret_cast<void*>(node.destination), reinterpret_cast<const void*>(node.source), node.bytes); return CUDA_SUCCESS;
    }
}

CUresult enqueue(Stream& stream, Node node) {
    Capture* const capture = stream.capture.get();
    if (capture == nullptr) {
        return execute(node);
    }
    if (capture->is_invalid) {
        return CUDA_ERROR_STREAM_CAPTURE_INVALIDATED;
    }
    capture->nodes.push_back(std::move(node));
    if (capture->origin != &stream) {
        capture->joined.erase(&stream);
        capture->unjoined[&stream] = capture->nodes.size();
    }
    return CUDA_SUCCESS;
}

CUresult refuse_in_capture(const char* function) {
    auto& captures = driver().captures;
    std::erase_if(captures, [](const std::weak_ptr<Capture>& capture) { return capture.expired(); });
    for (const std::weak_ptr<Capture>& held : captures) {
        const std::shared_ptr<Capture> capture = held.lock();
        const bool concerns = capture->mode == CU_STREAM_CAPTURE_MODE_GLOBAL ||
                              (capture->mode == CU_STREAM_CAPTURE_MODE_THREAD_LOCAL && capture->owner == this_thread());
        if (concerns && capture->is_open) {
            capture->is_invalid = true;
            return refuse(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "%s is not permitted while a stream is being captured", function);
        }
    }
    return CUDA_SUCCESS;
}

} // namespace emulation

using namespace emulation;

EXPORT CUresult cuMemcpyHtoDAsync_v2(CUdeviceptr destination, const void* source, std::size_t bytes, CUstream stream) {
    const Call call;
    Node node;
    node.destination = destination;
    node.source = reinterpret_cast<std::uintptr_t>(source);
    node.bytes = bytes;
    return call.is_refused() ? call.result() : copy(stream, std::move(node), "cuMemcpyHtoDAsync", false, true);
}

EXPORT CUresult cuMemcpyDtoHAsync_v2(void* destination, CUdeviceptr source, std::size_t bytes, CUstream stream) {
    const Call call;
    Node node;
    node.destination = reinterpret_cast<std::uintptr_t>(destination);
    node.source = source;
    node.bytes = bytes;
    return call.is_refused() ? call.result() : copy(stream, std::move(node), "cuMemcpyDtoHAsync", true, false);
}

EXPORT CUresult cuMemcpyDtoDAsync_v2(CUdeviceptr destination, CUdeviceptr source, std::size_t bytes, CUstream stream) {
    const Call call;
    Node node;
    node.destination = destination;
    node.source = source;
    node.bytes = bytes;
    return call.is_refused() ? call.result() : copy(stream, std::move(node), "cuMemcpyDtoDAsync", true, true);
}

EXPORT CUresult cuMemsetD8Async(CUdeviceptr address, unsigned char value, std::size_t count, CUstream stream) { return fill(stream, address, value, count, 1); }

EXPORT CUresult cuMemsetD32Async(CUdeviceptr address, unsigned value, std::size_t count, CUstream stream) { return fill(stream, address, value, count, 4); }

EXPORT CUresult cuStreamCreate(CUstream* stream, unsigned flags) {
    const Call call;
    if (call.is_refused() || stream == nullptr || flags > 1) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    *stream = reinterpret_cast<CUstream>(driver().streams.add(std::make_unique<Stream>()));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamDestroy_v2(CUstream handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = driver().streams.find(handle);
    if (stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuStreamDestroy: the stream is none, or has been destroyed");
    }
    if (stream->capture != nullptr) {
        stream->capture->is_invalid = true;
        stream->capture->unjoined.erase(stream);
        stream->capture->joined.erase(stream);
        if (stream->capture->origin == stream) {
            abandon(*stream->capture);
        }
    }
    driver().streams.remove(handle);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamSynchronize(CUstream handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = find_stream(handle);
    if (stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuStreamSynchronize: the stream is none");
    }
    if (stream->capture != nullptr) {
        stream->capture->is_invalid = true;
        return refuse(CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED, "cuStreamSynchronize of a stream that is being captured");
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamQuery(CUstream handle) { return cuStreamSynchronize(handle); }

EXPORT CUresult cuStreamWaitEvent(CUstream handle, CUevent event_handle, unsigned) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = find_stream(handle);
    const Event* const event = driver().events.find(event_handle);
    if (stream == nullptr || event == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuStreamWaitEvent: the %s is none", stream == nullptr ? "stream" : "event");
    }
    const std::shared_ptr<Capture>& capture = event->capture;
    if (capture == nullptr || !capture->is_open) {
        return CUDA_SUCCESS;
    }
    if (stream->capture == nullptr) {
        stream->capture = capture;
        capture->joined.insert(stream);
        return CUDA_SUCCESS;
    }
    // The first stream, or one that it will wait for, takes in what the event's stream had done by then.
    const auto waited_for = capture->unjoined.find(event->stream);
    if (stream->capture == capture && waited_for != capture->unjoined.end() && waited_for->second <= event->position) {
        capture->unjoined.erase(waited_for);
        capture->joined.insert(event->stream);
        if (stream != capture->origin) {
            capture->joined.erase(stream);
            capture->unjoined[stream] = capture->nodes.size();
        }
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuEventCreate(CUevent* handle, unsigned flags) {
    const Call call;
    if (call.is_refused() || handle == nullptr) {
        return call.is_refused() ? call.result() : CUDA_ERROR_INVALID_VALUE;
    }
    auto event = std::make_unique<Event>();
    event->has_timing = (flags & CU_EVENT_DISABLE_TIMING) == 0;
    *handle = reinterpret_cast<CUevent>(driver().events.add(std::move(event)));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuEventDestroy_v2(CUevent handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    return driver().events.remove(handle) ? CUDA_SUCCESS : refuse(CUDA_ERROR_INVALID_HANDLE, "cuEventDestroy: the event is none, or has been destroyed");
}

EXPORT CUresult cuEventRecord(CUevent handle, CUstream stream_handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Event* const event = driver().events.find(handle);
    Stream* const stream = find_stream(stream_handle);
    if (event == nullptr || stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuEventRecord: the %s is none", event == nullptr ? "event" : "stream");
    }
    event->capture = stream->capture;
    event->stream = stream;
    event->position = stream->capture != nullptr ? stream->capture->nodes.size() : 0;
    event->is_recorded = stream->capture == nullptr;
    event->milliseconds = milliseconds_now();
    return CUDA_SUCCESS;
}

EXPORT CUresult cuEventSynchronize(CUevent handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Event* const event = driver().events.find(handle);
    if (event == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuEventSynchronize: the event is none");
    }
    return event->capture != nullptr ? refuse(CUDA_ERROR_CAPTURED_EVENT, "the event was last recorded in a capture") : CUDA_SUCCESS;
}

EXPORT CUresult cuEventQuery(CUevent handle) { return cuEventSynchronize(handle); }

EXPORT CUresult cuEventElapsedTime(float* milliseconds, CUevent start_handle, CUevent end_handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Event* const start = driver().events.find(start_handle);
    const Event* const end = driver().events.find(end_handle);
    if (milliseconds == nullptr) {
        return CUDA_ERROR_INVALID_VALUE;
    }
    if (start == nullptr || end == nullptr || !start->has_timing || !end->has_timing || !start->is_recorded || !end->is_recorded) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuEventElapsedTime: an event is none, has no timing, or was not recorded");
    }
    *milliseconds = static_cast<float>(end->milliseconds - start->milliseconds);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamBeginCapture_v2(CUstream handle, CUstreamCaptureMode mode) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = find_stream(handle);
    if (stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuStreamBeginCapture: the stream is none");
    }
    if (stream == &driver().default_stream || stream->capture != nullptr || mode < 0 || mode > 2) {
        return refuse(stream == &driver().default_stream ? CUDA_ERROR_STREAM_CAPTURE_UNSUPPORTED : CUDA_ERROR_INVALID_VALUE,
            "cuStreamBeginCapture: the default stream, a stream that is being captured, or an unknown mode");
    }
    stream->capture = std::make_shared<Capture>();
    stream->capture->origin = stream;
    stream->capture->mode = mode;
    stream->capture->owner = this_thread();
    driver().captures.push_back(stream->capture);
    return CUDA_SUCCESS;
}

EXPORT CUresult cuStreamEndCapture(CUstream handle, CUgraph* graph_handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Stream* const stream = find_stream(handle);
    if (stream == nullptr || graph_handle == nullptr) {
        return stream == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuStreamEndCapture: the stream is none") : CUDA_ERROR_INVALID_VALUE;
    }
    *graph_handle = nullptr;
    auto graph = std::make_unique<Graph>();
    const CUresult result = end_capture(*stream, *graph);
    if (result == CUDA_SUCCESS) {
        *graph_handle = reinterpret_cast<CUgraph>(driver().graphs.add(std::move(graph)));
    }
    return result;
}

EXPORT CUresult cuGraphInstantiateWithFlags(CUgraphExec* executable, CUgraph handle, unsigned long long) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Graph* const graph = driver().graphs.find(handle);
    if (graph == nullptr || executable == nullptr) {
        return graph == nullptr ? refuse(CUDA_ERROR_INVALID_HANDLE, "cuGraphInstantiate: the graph is none") : CUDA_ERROR_INVALID_VALUE;
    }
    *executable = reinterpret_cast<CUgraphExec>(driver().executables.add(std::make_unique<Graph>(*graph)));
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphExecUpdate_v2(CUgraphExec executable_handle, CUgraph graph_handle, CUgraphExecUpdateResultInfo* information) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    Graph* const executable = driver().executables.find(executable_handle);
    const Graph* const graph = driver().graphs.find(graph_handle);
    if (executable == nullptr || graph == nullptr || information == nullptr) {
        return information == nullptr ? CUDA_ERROR_INVALID_VALUE : refuse(CUDA_ERROR_INVALID_HANDLE, "cuGraphExecUpdate: the graph is none");
    }
    *information = {};
    if (executable->nodes.size() != graph->nodes.size()) {
        information->result = CU_GRAPH_EXEC_UPDATE_ERROR_TOPOLOGY_CHANGED;
        return refuse(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "cuGraphExecUpdate: %zu nodes have become %zu", executable->nodes.size(), graph->nodes.size());
    }
    for (std::size_t i = 0; i < graph->nodes.size(); i++) {
        if (!matches(executable->nodes[i], graph->nodes[i])) {
            information->result = CU_GRAPH_EXEC_UPDATE_ERROR_NODE_TYPE_CHANGED;
            return refuse(CUDA_ERROR_GRAPH_EXEC_UPDATE_FAILURE, "cuGraphExecUpdate: node %zu is of another kind", i);
        }
    }
    executable->nodes = graph->nodes;
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphLaunch(CUgraphExec handle, CUstream stream_handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    const Graph* const executable = driver().executables.find(handle);
    Stream* const stream = find_stream(stream_handle);
    if (executable == nullptr || stream == nullptr) {
        return refuse(CUDA_ERROR_INVALID_HANDLE, "cuGraphLaunch: the %s is none", executable == nullptr ? "graph" : "stream");
    }
    for (const Node& node : executable->nodes) {
        if (const CUresult result = enqueue(*stream, node); result != CUDA_SUCCESS) {
            return result;
        }
    }
    return CUDA_SUCCESS;
}

EXPORT CUresult cuGraphExecDestroy(CUgraphExec handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    return driver().executables.remove(handle) ? CUDA_SUCCESS : refuse(CUDA_ERROR_INVALID_HANDLE, "cuGraphExecDestroy: the graph is none, or has been destroyed");
}

EXPORT CUresult cuGraphDestroy(CUgraph handle) {
    const Call call;
    if (call.is_refused()) {
        return call.result();
    }
    return driver().graphs.remove(handle) ? CUDA_SUCCESS : refuse(CUDA_ERROR_INVALID_HANDLE, "cuGraphDestroy: the graph is none, or has been destroyed");
}
