namespace CudaTts.Load;

/// <summary>A request that comes whether the server has answered the others or not.</summary>
/// <param name="At">When, from the begin.</param>
/// <param name="Text">What it asks for.</param>
/// <param name="Client">Which client it is from.</param>
internal readonly record struct Arrival(TimeSpan At, LoadText Text, int Client);

/// <summary>When requests come.</summary>
internal static class Arrivals
{
    /// <summary>A Poisson process: the gaps are exponential and know nothing of each other.</summary>
    /// <param name="rate">Requests a second, on average.</param>
    /// <param name="length">How long requests come.</param>
    /// <param name="mix">What they ask for.</param>
    /// <param name="clients">How many clients they are from.</param>
    /// <param name="seed">The same seed gives the same arrivals.</param>
    public static List<Arrival> Poisson(double rate, TimeSpan length, TextMix mix, int clients, int seed)
    {
        var random = new Random(seed);
        var arrivals = new List<Arrival>();
        for (var at = Gap(random, rate); at < length.TotalSeconds; at += Gap(random, rate))
        {
            arrivals.Add(new Arrival(TimeSpan.FromSeconds(at), mix.Draw(random), random.Next(clients)));
        }

        return arrivals;
    }

    /// <summary>The seed of a part of a run, the same in every process.</summary>
    public static int SeedOf(int seed, int part) => unchecked((seed * 1_000_003) + part);

    private static double Gap(Random random, double rate) => -Math.Log(1 - random.NextDouble()) / rate;
}
