// A WaveNet with a mixture of logistics as one writes it down: a loop over the samples, in it one over the layers, in it one over rows and columns.
// The `wavenet` benchmark compiles it (g++ -O2), gives it the network, the conditions and the noise in one file, and compares time and samples.
//
//     wavenet_reference INPUT OUTPUT
//
// INPUT: nine int32 (layers, dilation cycle, taps, residual, gate and skip channels, bands, outputs, samples), then float32 in the order of `main`.
// OUTPUT: the samples, float32. Prints the seconds that the loop took.

#include <chrono>
#include <cmath>
#include <cstdint>
#include <cstdio>
#include <fstream>
#include <vector>

using Vector = std::vector<float>;

static std::ifstream input;

static Vector read(size_t count) {
    Vector values(count);
    input.read(reinterpret_cast<char*>(values.data()), static_cast<std::streamsize>(count * sizeof(float)));
    return values;
}

struct Linear {
    int rows, columns;
    Vector weight, bias;

    Linear(int rows, int columns) : rows(rows), columns(columns), weight(read(size_t(rows) * columns)), bias(read(rows)) {}

    // y (+)= W x + b
    void add(const float* x, float* y) const {
        for (int row = 0; row < rows; row++) {
            float sum = bias[row];
            for (int column = 0; column < columns; column++) {
                sum += weight[size_t(row) * columns + column] * x[column];
            }
            y[row] += sum;
        }
    }
};

struct Layer {
    int dilation, taps, residual;
    std::vector<Linear> products; // one for each tap, then the conditions
    std::vector<Linear> out;      // residual (none in the last layer), skip
    Vector past;                  // all inputs so far

    Layer(int dilation, int taps, int residual, int gate, int skip, int bands, bool is_last, int samples)
        : dilation(dilation), taps(taps), residual(residual), past(size_t(samples) * residual) {
        for (int tap = 0; tap < taps; tap++) {
            products.emplace_back(gate, residual);
        }
        products.emplace_back(gate, bands);
        if (!is_last) {
            out.emplace_back(residual, gate / 2);
        }
        out.emplace_back(skip, gate / 2);
    }
};

int main(int, char** arguments) {
    input.open(arguments[1], std::ios::binary);
    int32_t sizes[9];
    input.read(reinterpret_cast<char*>(sizes), sizeof(sizes));
    const auto [count, cycle, taps, residual, gate, skip, bands, outputs, samples] = sizes;
    const float scale = std::sqrt(0.5f);
    const int mixtures = outputs / 3;

    const Vector first = read(residual), first_bias = read(residual);
    std::vector<Layer> layers;
    for (int i = 0; i < count; i++) {
        layers.emplace_back(1 << (i % cycle), taps, residual, gate, skip, bands, i == count - 1, samples);
    }
    const Linear hidden(skip, skip), last(outputs, skip);
    const Vector conditions = read(size_t(samples) * bands), mixture = read(size_t(samples) * mixtures), uniform = read(samples);

    Vector drawn(samples), x(residual), gates(gate), z(gate / 2), sum(skip), between(skip), y(outputs);
    float previous = 0;
    const auto start = std::chrono::steady_clock::now();
    for (int t = 0; t < samples; t++) {
        for (int i = 0; i < residual; i++) {
            x[i] = first[i] * previous + first_bias[i];
        }
        sum.assign(skip, 0.0f);
        for (Layer& layer : layers) {
            float* now = &layer.past[size_t(t) * residual];
            std::copy(x.begin(), x.end(), now);
            gates.assign(gate, 0.0f);
            for (int tap = 0; tap < taps; tap++) {
                const int from = t - (taps - 1 - tap) * layer.dilation;
                if (from >= 0) {
                    layer.products[tap].add(&layer.past[size_t(from) * residual], gates.data());
                }
            }
            layer.products[taps].add(&conditions[size_t(t) * bands], gates.data());
            for (int i = 0; i < gate / 2; i++) {
                z[i] = std::tanh(gates[i]) / (1 + std::exp(-gates[gate / 2 + i]));
            }
            layer.out.back().add(z.data(), sum.data());
            if (layer.out.size() > 1) {
                layer.out[0].add(z.data(), x.data());
                for (float& value : x) {
                    value *= scale;
                }
            }
        }
        for (float& value : sum) {
            value = std::fmax(value * std::sqrt(1.0f / count), 0.0f);
        }
        between.assign(skip, 0.0f);
        hidden.add(sum.data(), between.data());
        for (float& value : between) {
            value = std::fmax(value, 0.0f);
        }
        y.assign(outputs, 0.0f);
        last.add(between.data(), y.data());

        int component = 0;
        float best = -INFINITY;
        for (int k = 0; k < mixtures; k++) {
            const float score = y[k] - std::log(-std::log(mixture[size_t(t) * mixtures + k]));
            if (score > best) {
                best = score;
                component = k;
            }
        }
        const float u = uniform[t];
        const float value = y[mixtures + component] + std::exp(y[2 * mixtures + component]) * (std::log(u) - std::log(1 - u));
        previous = std::fmin(std::fmax(value, -1.0f), 1.0f);
        drawn[t] = previous;
    }
    std::printf("%.6f\n", std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
    std::ofstream(arguments[2], std::ios::binary)
        .write(reinterpret_cast<const char*>(drawn.data()), static_cast<std::streamsize>(drawn.size() * sizeof(float)));
    return 0;
}
