namespace CudaTts.Quality.Pesq;

/// <summary>Which listener PESQ stands for.</summary>
public enum PesqMode
{
    /// <summary>Somebody at a telephone (P.862, mapped by P.862.1); any rate, 8 kHz is taken as it is.</summary>
    NarrowBand,

    /// <summary>Somebody with headphones, up to 8 kHz (P.862.2); not for signals at 8 kHz.</summary>
    WideBand,
}
