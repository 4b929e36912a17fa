using System.Security.Cryptography;

namespace CudaTts.Server.Access;

/// <summary>The key that a request brings, as its SHA-256: hashes are compared, so that neither length nor content of a key can be timed.</summary>
internal static class BearerKey
{
    private const string Scheme = "Bearer ";

    // Longer ones are not ours, and hashing them would be work for nothing.
    private const int LongestKey = 256;

    /// <summary>The hash of a key.</summary>
    public static byte[] HashOf(string key) => SHA256.HashData(System.Text.Encoding.UTF8.GetBytes(key));

    /// <summary>The hash of a request's key; null where it has none.</summary>
    public static byte[]? HashOf(HttpRequest request) =>
        request.Headers.Authorization is [{ } value] && value.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase)
        && value.Length - Scheme.Length is > 0 and <= LongestKey
            ? HashOf(value[Scheme.Length..].Trim())
            : null;

    /// <summary>Whether two hashes are the same, in a time that does not depend on them.</summary>
    public static bool Equal(byte[] hash, byte[] other) => CryptographicOperations.FixedTimeEquals(hash, other);
}
