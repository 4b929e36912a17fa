namespace CudaTts.Models;

/// <summary>How a token is spoken by a model that predicts durations.</summary>
/// <param name="Pace">Times as fast: 2 halves the duration before it is rounded to frames. Above 0.</param>
/// <param name="Semitones">By how much the pitch is raised.</param>
/// <param name="Decibels">By how much louder the predicted energy is to be; how loud the audio becomes is as learnt.</param>
public readonly record struct TokenProsody(double Pace = 1, double Semitones = 0, double Decibels = 0)
{
    /// <summary>As the model finds fit.</summary>
    public static TokenProsody Usual { get; } = new(1);
}

/// <summary>What of <see cref="TokenProsody"/> a model does itself, so that nobody has to change its waveform.</summary>
[Flags]
public enum ProsodyControls
{
    /// <summary>Nothing: speed, pitch and emphasis are changes of the waveform.</summary>
    None = 0,

    /// <summary>The model heeds <see cref="TokenProsody.Pace"/>.</summary>
    Pace = 1,

    /// <summary>The model heeds <see cref="TokenProsody.Semitones"/>.</summary>
    Pitch = 2,

    /// <summary>The model heeds <see cref="TokenProsody.Decibels"/>.</summary>
    Energy = 4,
}
