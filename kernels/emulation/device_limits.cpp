#include "device_limits.h"

#include <algorithm>
#include <cstdlib>
#include <numeric>
#include <string>

namespace emulation {

namespace {

constexpr unsigned default_multiprocessors = 132;
constexpr unsigned most_tpcs_of_gpc = 9;

std::string setting(const char* name) {
    const char* const value = std::getenv(name);
    return value != nullptr ? value : "";
}

} // namespace

Capability capability() {
    const std::string wanted = setting("CUDATTS_EMULATED_CAPABILITY");
    return wanted.empty() || wanted == "9.0" ? Capability{9, 0} : wanted == "8.0" ? Capability{8, 0} : Capability{0, 0};
}

bool has_clusters() { return capability().major >= 9; }

unsigned shared_bytes_per_multiprocessor() { return (capability().major >= 9 ? 228 : 164) * 1024; }

unsigned opt_in_shared_bytes() { return shared_bytes_per_multiprocessor() - reserved_shared_bytes; }

std::vector<unsigned> multiprocessors_of_gpcs() {
    std::vector<unsigned> gpcs;
    const std::string sizes = setting("CUDATTS_EMULATED_GPCS");
    for (const char* next = sizes.c_str(); *next != '\0';) {
        char* end;
        gpcs.push_back(static_cast<unsigned>(std::max(1ul, std::strtoul(next, &end, 10))));
        next = *end == '\0' ? end : end + 1;
    }
    if (!gpcs.empty()) {
        return gpcs;
    }
    const int wanted = std::atoi(setting("CUDATTS_EMULATED_MULTIPROCESSORS").c_str());
    const unsigned count = wanted > 0 ? static_cast<unsigned>(wanted) : default_multiprocessors;
    const unsigned tpcs = (count + 1) / 2;
    gpcs.resize((tpcs + most_tpcs_of_gpc - 1) / most_tpcs_of_gpc);
    for (unsigned tpc = 0; tpc < tpcs; tpc++) {
        gpcs[tpc % gpcs.size()] += 2;
    }
    gpcs.back() -= count % 2;
    return gpcs;
}

unsigned multiprocessor_count() {
    const std::vector<unsigned> gpcs = multiprocessors_of_gpcs();
    return std::accumulate(gpcs.begin(), gpcs.end(), 0u);
}

} // namespace emulation
