using CudaTts.Tensors;

namespace CudaTts.Models;

/// <summary>Noise that a caller gives in place of random numbers.</summary>
internal static class GivenNoise
{
    /// <summary>Refuses noise that no generator of random numbers would have made, of which a network would make no speech.</summary>
    /// <param name="name">What the noise is called.</param>
    /// <param name="noise">On the host; none where random numbers are drawn.</param>
    /// <param name="least">The least number that it may hold.</param>
    /// <param name="most">The greatest.</param>
    /// <exception cref="CudaTtsException">A number is out of the range, or none; the message says where.</exception>
    public static void Require(string name, Tensor? noise, float least = float.MinValue, float most = float.MaxValue)
    {
        var wrong = noise is null ? -1 : noise.Span.IndexOfAnyExceptInRange(least, most);
        if (noise is null || wrong < 0)
        {
            return;
        }

        var expected = least == float.MinValue ? "finite numbers" : FormattableString.Invariant($"numbers from {least} to {most}");
        throw new CudaTtsException(FormattableString.Invariant(
            $"noise '{name}': expected {expected}, found {noise.Span[wrong]} at {Tensor.Describe(noise.PlaceOf(wrong))}."));
    }
}
