using CudaTts.Tensors;
using CudaTts.Weights;

namespace CudaTts.Models.Tacotron2.Attention;

/// <summary>
/// The location convolution (2 signals to the filters) and the dense layer after it (filters to the attention width) have nothing but a sum
/// between them, so they are one convolution: fewer passes, and the product is rounded once, from float64.
/// </summary>
internal static class LocationFilter
{
    private const string Layer = "decoder.attention_layer.location_layer.";

    /// <summary>Folds both layers into one kernel [2, taps, <paramref name="width"/>], zero beyond the attention width.</summary>
    public static Tensor Fold(Tacotron2Config config, ModelWeights weights, int width)
    {
        var (filters, taps) = (config.LocationFilters, config.LocationKernel);
        var convolution = weights.Take(Layer + "location_conv.conv.weight", filters, 2, taps).Span;
        var dense = weights.Take(Layer + "location_dense.linear_layer.weight", config.Attention, filters).Span;
        var folded = new Tensor(2, taps, width);
        for (var position = 0; position < 2 * taps; position++)
        {
            for (var a = 0; a < config.Attention; a++)
            {
                double sum = 0;
                for (var filter = 0; filter < filters; filter++)
                {
                    sum += (double)dense[(a * filters) + filter] * convolution[(filter * 2 * taps) + position];
                }

                folded.Span[(position * width) + a] = (float)sum;
            }
        }

        return folded;
    }
}
