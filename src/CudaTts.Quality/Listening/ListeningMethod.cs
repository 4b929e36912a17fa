namespace CudaTts.Quality.Listening;

/// <summary>How listeners are asked (ITU-T P.800 annexes B, D and E, P.808; ITU-R BS.1534-3).</summary>
internal enum ListeningMethod
{
    /// <summary>Absolute category rating: one clip, from bad to excellent.</summary>
    Acr,

    /// <summary>Degradation category rating: the reference, then a clip, and how much worse that is.</summary>
    Dcr,

    /// <summary>Comparison category rating: two clips, and how much better the second is.</summary>
    Ccr,

    /// <summary>Many sounds of one sentence beside an open reference, each with a slider from 0 to 100.</summary>
    Mushra,
}

/// <summary>What listeners are asked about.</summary>
internal enum ListeningQuestion
{
    /// <summary>How much like a person it sounds.</summary>
    Naturalness,

    /// <summary>How good it sounds, all in all.</summary>
    Overall,
}
