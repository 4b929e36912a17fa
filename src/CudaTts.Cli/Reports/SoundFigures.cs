using CudaTts.Audio;
using CudaTts.Cli.Plot;
using CudaTts.Quality.Signals;
using CudaTts.Tensors;

namespace CudaTts.Cli.Reports;

/// <summary>A clip and its reference side by side, on the same scales of time, frequency and level: player, waveform, spectrogram.</summary>
internal sealed class SoundFigures
{
    private const int WaveformHeight = 64;
    private const int SpectrogramHeight = 176;
    private const int SpectrogramColumns = 640;
    private const double MostHertz = 8000;
    private const float DecibelRange = 80;
    private const int MostFrequencyTicks = 4;

    private readonly HtmlWriter _html;
    private readonly ShownClip _shown;
    private readonly ChartAxis _time;
    private readonly double _hertz;

    private SoundFigures(HtmlWriter html, ShownClip shown)
    {
        (_html, _shown) = (html, shown);
        _time = ChartAxis.OfSeconds(shown.Seconds);
        _hertz = Math.Min(MostHertz, Math.Max(shown.Sound.SampleRate, shown.Reference?.SampleRate ?? 0) / 2.0);
    }

    /// <summary>Writes the reference, where there is one, and the sound.</summary>
    /// <param name="html">The page.</param>
    /// <param name="shown">The clip.</param>
    /// <param name="label">What its sound is called.</param>
    public static void Write(HtmlWriter html, ShownClip shown, string label) => new SoundFigures(html, shown).Write(label);

    private void Write(string label)
    {
        var (reference, sound) = (_shown.Reference is null ? null : Levels(_shown.Reference), Levels(_shown.Sound));
        var loudest = (float)Math.Ceiling(Math.Max(Loudest(reference), Loudest(sound)));
        using (_html.Open("div", ("class", reference is null ? "sounds single" : "sounds")))
        {
            if (_shown.Reference is not null)
            {
                Write(_shown.Reference, reference, loudest, ("Reference", "reference"));
            }

            Write(_shown.Sound, sound, loudest, (label, "sound"));
        }

        WriteScale(loudest);
    }

    private void Write(Signal signal, Tensor? levels, float loudest, (string Label, string Style) role)
    {
        using var figure = _html.Open("figure", ("class", role.Style));
        using (_html.Open("figcaption"))
        {
            _html.Element("b", role.Label);
            _html.Text($" {NumberText.Of(signal.Seconds, 2)}\u00A0s, {signal.SampleRate}\u00A0Hz");
        }

        using (_html.Open("audio", ("controls", "controls"), ("preload", "metadata"), ("src", WavUri(signal)),
            ("aria-label", $"{role.Label} of {_shown.Clip.Name}")))
        {
        }

        WaveformChart.Write(_html, signal, _time, WaveformHeight, $"Waveform of the {role.Style}");
        if (levels is not null)
        {
            WriteSpectrogram(signal, levels, loudest, role.Style);
        }
    }

    private void WriteSpectrogram(Signal signal, Tensor levels, float loudest, string style)
    {
        var map = new HeatMap(levels[1], levels[2]);
        map.Fill(0, 0, levels);
        map.Limit(loudest - DecibelRange, loudest);
        var kilohertz = ChartAxis.Of(0, _hertz / 1000, "kHz", MostFrequencyTicks);
        var chart = new Chart(_time, kilohertz, SpectrogramHeight,
            $"Spectrogram of the {style}, 0 to {NumberText.Coordinate(_hertz / 1000)} kHz, {DecibelRange} dB");
        chart.Write(_html, () => Picture.Write(_html, map, chart.X(signal.Seconds), SpectrogramHeight));
    }

    /// <summary>What the colours mean: once below both spectrograms.</summary>
    private void WriteScale(float loudest)
    {
        const int Steps = 64;
        var ramp = new HeatMap(1, Steps);
        ramp.Fill(0, 0, Tensor.From([.. Enumerable.Range(0, Steps).Select(i => (float)i)], 1, 1, Steps));
        using var line = _html.Open("p", ("class", "scale"));
        _html.Text($"{NumberText.Of(loudest - DecibelRange, 0)}\u00A0dBFS ");
        _html.Empty("img", ("src", Picture.Uri(ramp)), ("alt", "from dark to bright"), ("width", "128"), ("height", "10"));
        _html.Text($" {NumberText.Of(loudest, 0)}\u00A0dBFS (a full-scale sine is 0)");
    }

    // Columns are as wide in both pictures.
    private Tensor? Levels(Signal signal)
    {
        var columns = (int)Math.Round(SpectrogramColumns * signal.Seconds / _shown.Seconds);
        return columns == 0 ? null : Spectrogram.Of(signal, SpectrogramHeight, columns, _hertz);
    }

    // Of digital silence nothing is bright.
    private static float Loudest(Tensor? levels)
    {
        var loudest = -DecibelRange;
        foreach (var level in levels is null ? [] : levels.Span)
        {
            loudest = Math.Max(loudest, level);
        }

        return loudest;
    }

    private static string WavUri(Signal signal)
    {
        using var wav = new MemoryStream();
        WavFile.Write(wav, new Waveform(Array.ConvertAll(signal.Samples, sample => (float)sample), signal.SampleRate));
        return $"data:audio/wav;base64,{Convert.ToBase64String(wav.GetBuffer(), 0, (int)wav.Length)}";
    }
}
