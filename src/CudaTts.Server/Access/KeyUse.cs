using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Access;

/// <summary>What a key has used of its limits.</summary>
internal sealed class KeyUse(ApiKey key, TimeProvider time)
{
    private readonly Lock _lock = new();
    private readonly MinuteAllowance? _requests = key.RequestsPerMinute is { } requests ? new MinuteAllowance(requests, time) : null;
    private readonly MinuteAllowance? _characters = key.CharactersPerMinute is { } characters ? new MinuteAllowance(characters, time) : null;
    private int _parallel;

    /// <summary>The key's name.</summary>
    public string Name => key.Name;

    /// <summary>The hash that stands in the settings.</summary>
    public byte[] Hash { get; } = Convert.FromHexString(key.Sha256);

    /// <summary>The use of a request's key; null where keys are not asked for.</summary>
    public static KeyUse? Of(HttpContext context) => context.Features.Get<KeyUse>();

    /// <summary>Counts a request.</summary>
    /// <exception cref="ApiException">There were too many in the last minute.</exception>
    public void CountRequest()
    {
        lock (_lock)
        {
            if (_requests?.Take(1) is { } wait)
            {
                throw ApiException.Limited($"The key '{Name}': expected at most {key.RequestsPerMinute} requests a minute, found more.", wait);
            }
        }
    }

    /// <summary>Counts the characters of speech, and the request among those at once until what is returned is disposed of.</summary>
    /// <exception cref="ApiException">There are too many.</exception>
    public Speaking BeginSpeech(int characters)
    {
        lock (_lock)
        {
            if (_parallel >= key.Parallel)
            {
                throw ApiException.Limited(
                    $"The key '{Name}': expected at most {key.Parallel} requests at once, found more.", TimeSpan.FromSeconds(1));
            }

            if (_characters?.Take(characters) is { } wait)
            {
                throw ApiException.Limited($"The key '{Name}': expected at most {key.CharactersPerMinute} characters a minute, found more.", wait);
            }

            _parallel++;
            return new Speaking(this, characters);
        }
    }

    private void GiveBack(int characters)
    {
        lock (_lock)
        {
            _characters?.GiveBack(characters);
        }
    }

    private void EndSpeech()
    {
        lock (_lock)
        {
            _parallel--;
        }
    }

    /// <summary>A request for speech that is under way.</summary>
    public sealed class Speaking(KeyUse use, int characters) : IDisposable
    {
        private KeyUse? _use = use;

        /// <summary>Says that nothing will be spoken: its characters are not counted.</summary>
        public void Refuse() => _use?.GiveBack(characters);

        /// <summary>Ends the speech of a request, once.</summary>
        public void Dispose() => Interlocked.Exchange(ref _use, null)?.EndSpeech();
    }
}
