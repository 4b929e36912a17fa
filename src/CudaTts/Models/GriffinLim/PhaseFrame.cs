namespace CudaTts.Models.GriffinLim;

/// <summary>A frame whose phases may still change.</summary>
internal sealed class PhaseFrame
{
    /// <summary>A frame that has no phases yet.</summary>
    /// <param name="magnitudes">The wanted magnitudes [bins].</param>
    /// <param name="stride">Floats that one part of a spectrum takes.</param>
    /// <param name="length">Samples of a frame, N.</param>
    public PhaseFrame(ReadOnlySpan<float> magnitudes, int stride, int length)
    {
        Magnitudes = new float[stride];
        magnitudes.CopyTo(Magnitudes);
        LastRe = new float[stride];
        LastIm = new float[stride];
        Samples = new float[length];
    }

    private PhaseFrame(PhaseFrame other)
    {
        Magnitudes = other.Magnitudes;
        LastRe = [.. other.LastRe];
        LastIm = [.. other.LastIm];
        Samples = [.. other.Samples];
        HasPhases = other.HasPhases;
    }

    /// <summary>The wanted magnitudes, zeros behind the bins; never changed.</summary>
    public float[] Magnitudes { get; }

    /// <summary>Real parts of the spectrum that the last signal had here.</summary>
    public float[] LastRe { get; }

    /// <summary>Imaginary parts of the spectrum that the last signal had here.</summary>
    public float[] LastIm { get; }

    /// <summary>What the frame adds to the signal [N]: the magnitudes under its phases, transformed back, times the window.</summary>
    public float[] Samples { get; }

    /// <summary>Whether there is a first guess of its phases.</summary>
    public bool HasPhases { get; set; }

    /// <summary>The same frame, to be changed apart from this one.</summary>
    public PhaseFrame Copy() => new(this);
}
