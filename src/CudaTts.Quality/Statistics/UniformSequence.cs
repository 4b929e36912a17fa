using System.Text;

namespace CudaTts.Quality.Statistics;

/// <summary>
/// Numbers that look random and are the same everywhere: u(name, i) = (splitmix64(fnv1a64(name) + i) >> 40) / 2^24, in [0, 1). Any of them can be had
/// without those before it, so a page of a listening test and the program that analyses it draw alike.
/// </summary>
/// <param name="name">The name of the sequence; hashed as UTF-8.</param>
public readonly struct UniformSequence(string name)
{
    private readonly ulong _start = Hash(name);

    /// <summary>The number at a place.</summary>
    public double this[long index] => (Mix(_start + (ulong)index) >> 40) / (double)(1 << 24);

    // FNV-1a (Fowler, Noll, Vo), 64 bits.
    private static ulong Hash(string name)
    {
        var hash = 0xcbf29ce484222325;
        foreach (var octet in Encoding.UTF8.GetBytes(name))
        {
            hash = (hash ^ octet) * 0x100000001b3;
        }

        return hash;
    }

    // SplitMix64 (Steele, Lea, Flood 2014).
    private static ulong Mix(ulong state)
    {
        state += 0x9e3779b97f4a7c15;
        state = (state ^ (state >> 30)) * 0xbf58476d1ce4e5b9;
        state = (state ^ (state >> 27)) * 0x94d049bb133111eb;
        return state ^ (state >> 31);
    }
}
