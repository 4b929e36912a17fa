using System.Security.Cryptography;
using System.Text;

namespace CudaTts.Quality.Listening;

/// <summary>
/// Names for files that do not say whose they are: the beginning of a SHA-256 hash with a salt that is thrown away with the program.
/// </summary>
internal sealed class BlindNames
{
    private const int Digits = 12;
    private const int SaltBytes = 16;

    private readonly string _salt;

    /// <summary>Draws a salt.</summary>
    public BlindNames()
        : this(Convert.ToHexStringLower(RandomNumberGenerator.GetBytes(SaltBytes)))
    {
    }

    internal BlindNames(string salt)
    {
        _salt = salt;
        TestId = Hash("test");
    }

    /// <summary>What tells this test from every other.</summary>
    public string TestId { get; }

    /// <summary>The name of a random sequence that nobody can repeat: for an order that must not give the systems away.</summary>
    public string Sequence => $"blind.{_salt}";

    /// <summary>The name of a sound.</summary>
    /// <param name="kind">What it is there for.</param>
    /// <param name="system">Whose speech it is.</param>
    /// <param name="sentence">What it says.</param>
    public string Of(ClipKind kind, string system, string sentence) =>
        Hash(kind == ClipKind.Rating ? $"{system}/{sentence}" : $"{kind}/{system}/{sentence}");

    private string Hash(string text) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes($"{_salt}/{text}")))[..Digits];
}
