using CudaTts.Audio;

namespace CudaTts.Quality.Listening;

/// <summary>A sound of a listening test, under the name that says nothing of it.</summary>
/// <param name="Name">The blind name, which its file has.</param>
/// <param name="Kind">What it is there for.</param>
/// <param name="System">Whose speech it is, or what was made of it.</param>
/// <param name="Sentence">Which sentence it says.</param>
/// <param name="Expected">The score that an attentive listener gives, on the scale from 1 to 5 or as the trap asks; null where there is none.</param>
/// <param name="Sound">The samples.</param>
internal sealed record TestClip(string Name, ClipKind Kind, string System, string Sentence, int? Expected, Waveform Sound);

/// <summary>What a sound of a listening test is there for.</summary>
internal enum ClipKind
{
    /// <summary>It is what the test is about.</summary>
    Rating,

    /// <summary>It shows the range before the test begins, and does not count.</summary>
    Training,

    /// <summary>Its quality is beyond doubt.</summary>
    Gold,

    /// <summary>It says which score to give.</summary>
    Trap,

    /// <summary>It is the original, and listeners know it.</summary>
    OpenReference,

    /// <summary>It is the original among what is judged.</summary>
    HiddenReference,

    /// <summary>It is the original through a low-pass filter, among what is judged.</summary>
    Anchor,
}
