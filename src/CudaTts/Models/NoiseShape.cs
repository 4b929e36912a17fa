namespace CudaTts.Models;

/// <summary>Noise that a vocoder reads for a mel.</summary>
/// <param name="Name">What it is called where it is given.</param>
/// <param name="Shape">Its shape.</param>
/// <param name="Least">The least number that it may hold.</param>
/// <param name="Most">The greatest.</param>
public sealed record NoiseShape(string Name, int[] Shape, float Least = float.MinValue, float Most = float.MaxValue);
