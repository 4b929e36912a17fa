using CudaTts.Server.Endpoints;
using CudaTts.Server.Settings;

namespace CudaTts.Server.Access;

/// <summary>Lets only requests with a known key to the routes that want one, where the settings have keys.</summary>
internal sealed class KeyGate
{
    private readonly RequestDelegate _next;
    private readonly List<KeyUse> _keys;

    public KeyGate(RequestDelegate next, ServerSettings settings, TimeProvider time)
    {
        _next = next;
        _keys = [.. settings.Keys.Select(key => new KeyUse(key, time))];
    }

    /// <summary>Lets a request through, or refuses it.</summary>
    public Task InvokeAsync(HttpContext context)
    {
        if (_keys.Count == 0 || context.GetEndpoint()?.Metadata.GetMetadata<KeyRequired>() is null)
        {
            return _next(context);
        }

        var key = Find(BearerKey.HashOf(context.Request)) ?? throw new ApiException(
            StatusCodes.Status401Unauthorized, ErrorTypes.Authentication,
            "Authorization: expected 'Bearer' and a key of this server, found none or another.") { Code = "invalid_api_key" };
        context.Features.Set(key);
        RequestRecord.Of(context).Key = key.Name;
        key.CountRequest();
        return _next(context);
    }

    // All keys are looked at whichever it is, so that the time does not tell how many come before it.
    private KeyUse? Find(byte[]? hash)
    {
        KeyUse? found = null;
        foreach (var key in _keys)
        {
            if (BearerKey.Equal(key.Hash, hash ?? []))
            {
                found = key;
            }
        }

        return found;
    }
}
