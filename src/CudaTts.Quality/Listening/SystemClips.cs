using CudaTts.Audio;
using CudaTts.Files;

namespace CudaTts.Quality.Listening;

/// <summary>The recordings of all systems: one of each sentence by each system, of one rate.</summary>
internal sealed class SystemClips
{
    /// <summary>Systems that fit a page of MUSHRA with the reference and an anchor, and a report.</summary>
    public const int MostSystems = 24;

    // One GiB of samples: hours of speech, of which nobody hears more than one.
    private const long MostSamples = 1L << 28;

    private static readonly string[] s_extensions = [".WAV", ".AIF", ".AIFF", ".AIFC", ".MP3"];

    private readonly Dictionary<(string System, string Sentence), Waveform> _clips;

    private SystemClips(string[] systems, string[] sentences, Dictionary<(string System, string Sentence), Waveform> clips)
    {
        Systems = systems;
        Sentences = sentences;
        _clips = clips;
        SampleRate = clips.Values.First().SampleRate;
    }

    /// <summary>Names of the systems, as given.</summary>
    public IReadOnlyList<string> Systems { get; }

    /// <summary>Names of the sentences: of their files without the extension, sorted.</summary>
    public IReadOnlyList<string> Sentences { get; }

    /// <summary>Samples a second of every clip, Hz: the highest rate of the files.</summary>
    public int SampleRate { get; }

    /// <summary>A sentence as a system says it.</summary>
    public Waveform this[string system, string sentence] => _clips[(system, sentence)];

    /// <summary>Reads the folders.</summary>
    /// <param name="systems">What each system is called and the folder of its clips.</param>
    /// <exception cref="FileException">The folders have no sentence in common, or a sentence is missing in one of them.</exception>
    /// <exception cref="AudioException">A recording cannot be read.</exception>
    public static SystemClips Read(IReadOnlyList<(string Name, string Folder)> systems)
    {
        var files = systems.Select(system => FilesOf(system.Folder)).ToList();
        string[] sentences = [.. files[0].Keys];
        foreach (var ((_, folder), own) in systems.Zip(files))
        {
            RequireSame(systems[0].Folder, files[0], folder, own);
        }

        var clips = new Dictionary<(string, string), Waveform>();
        long samples = 0;
        foreach (var ((name, _), own) in systems.Zip(files))
        {
            foreach (var sentence in sentences)
            {
                var clip = ReadClip(own[sentence]);
                samples += clip.Samples.Length;
                clips.Add((name, sentence), samples <= MostSamples ? clip : throw new FileException(
                    $"{own[sentence]}: the recordings up to this one have more than {MostSamples} samples; leave sentences out."));
            }
        }

        var rate = clips.Values.Max(clip => clip.SampleRate);
        return new SystemClips(
            [.. systems.Select(system => system.Name)], sentences, clips.ToDictionary(clip => clip.Key, clip => clip.Value.Resample(rate)));
    }

    private static Waveform ReadClip(string path)
    {
        var clip = AudioFile.Read(path);
        return clip.Samples.Length > 0 ? clip : throw new AudioException($"{path}: expected a clip of speech, found one without samples.");
    }

    private static SortedDictionary<string, string> FilesOf(string folder)
    {
        var files = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach (var path in List(folder).Where(IsClip))
        {
            var sentence = Path.GetFileNameWithoutExtension(path);
            if (!files.TryAdd(sentence, path))
            {
                throw new FileException($"{path}: {Path.GetFileName(files[sentence])} is of the same sentence; remove one of them.");
            }
        }

        return files.Count > 0 ? files : throw new FileException($"{folder}: expected recordings (WAV, AIFF or MP3), found none.");
    }

    // What begins with a dot is of the system: macOS leaves such files beside others.
    private static bool IsClip(string path) =>
        s_extensions.Contains(Path.GetExtension(path).ToUpperInvariant()) && !Path.GetFileName(path).StartsWith('.');

    private static string[] List(string folder)
    {
        try
        {
            return Directory.GetFiles(folder);
        }
        catch (Exception error) when (FileFault.Is(error))
        {
            throw new FileException($"{folder}: cannot be read: {FileFault.ReasonOf(error)}.", error);
        }
    }

    private static void RequireSame(string firstFolder, SortedDictionary<string, string> first, string folder, SortedDictionary<string, string> own)
    {
        var missing = first.Keys.Except(own.Keys).FirstOrDefault();
        var extra = own.Keys.Except(first.Keys).FirstOrDefault();
        if (missing is not null || extra is not null)
        {
            throw new FileException(
                $"{(missing is null ? firstFolder : folder)}: expected the same sentences in every folder, found none that is called "
                + $"'{missing ?? extra}', which {(missing is null ? folder : firstFolder)} has.");
        }
    }
}
