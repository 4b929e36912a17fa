using System.Text;
using CudaTts.Audio;
using CudaTts.Files;

namespace CudaTts.Quality.Listening;

/// <summary>Makes a listening test: a folder for listeners that needs no server, and the key that says whose each clip is.</summary>
internal sealed class ListeningTest
{
    /// <summary>The folder that is given to listeners.</summary>
    public const string PageFolder = "page";

    /// <summary>The key, which is not.</summary>
    public const string KeyName = "key.csv";

    /// <summary>What the key calls the anchor of MUSHRA, and no system may be called.</summary>
    public const string AnchorName = "anchor";

    /// <summary>Sounds that are judged on one page of MUSHRA, the hidden reference and the anchor among them.</summary>
    public const int MostSoundsPerPage = 12;

    // What a trial takes beside its sound: to judge and to go on.
    private const double SecondsPerRating = 5;
    private const double SecondsPerSlider = 12;
    private const double SecondsAround = 120;

    private readonly IReadOnlyList<TestClip> _clips;

    private ListeningTest(TestComposer composer, PageTest page, IReadOnlyList<TestClip> clips, double loudness)
    {
        _clips = clips;
        Page = page;
        Loudness = loudness;
        RatingSentences = composer.RatingSentences.Count;
        TrainingSentences = composer.TrainingSentences.Count;
        Conditions = composer.Conditions;

        // Listeners whose numbers differ by the number of conditions hear the same clips.
        var turns = Enumerable.Range(0, Math.Min(composer.Conditions.Count, 100)).Select(listener => ListeningPlan.Of(page, (uint)listener)).ToList();
        RatedTrials = turns.Max(trials => trials.Count(trial => trial.Block == "rating"));
        Minutes = (int)Math.Ceiling((turns.Max(SecondsOf) + SecondsAround) / 60);
        Page = page with { Minutes = Minutes };
    }

    /// <summary>What the page knows.</summary>
    public PageTest Page { get; }

    /// <summary>What is judged at one trial: names of systems, of a comparison two.</summary>
    public IReadOnlyList<string[]> Conditions { get; }

    /// <summary>The loudness of every clip, LUFS.</summary>
    public double Loudness { get; }

    /// <summary>Sentences that count.</summary>
    public int RatingSentences { get; }

    /// <summary>Sentences that only the training has.</summary>
    public int TrainingSentences { get; }

    /// <summary>Trials that a listener rates, the checks among them.</summary>
    public int RatedTrials { get; }

    /// <summary>About how long a listener takes, minutes.</summary>
    public int Minutes { get; }

    /// <summary>How many sound files the page has.</summary>
    public int ClipCount => _clips.Count;

    /// <summary>Samples a second of every file, Hz.</summary>
    public int SampleRate => _clips[0].Sound.SampleRate;

    /// <summary>Reads the recordings and decides what the test is.</summary>
    /// <exception cref="FileException">The folders do not fit together, or the recipe does not fit them.</exception>
    /// <exception cref="AudioException">A recording cannot be read, or is silent.</exception>
    public static ListeningTest Compose(ListeningTestRecipe recipe, BlindNames names)
    {
        var composer = new TestComposer(recipe, SystemClips.Read(recipe.Systems), names);
        RequireEnough(recipe, composer);
        var (page, clips) = composer.Compose();
        var levelled = ClipLevels.Match(clips, recipe.Loudness, out var loudness);
        return new ListeningTest(composer, page, levelled, loudness);
    }

    /// <summary>Writes the page's folder and the key, which must not be there yet: a page holds no clip of another test.</summary>
    /// <param name="folder">The folder that gets both; it is made.</param>
    /// <exception cref="FileException">Something is in the way, or cannot be written.</exception>
    public void Write(string folder)
    {
        var (page, key) = (Path.Combine(folder, PageFolder), Path.Combine(folder, KeyName));
        foreach (var path in new[] { page, key }.Where(Path.Exists))
        {
            throw new FileException($"{path}: is there already; name another folder, or remove it.");
        }

        var unfinished = Path.Combine(folder, $".{PageFolder}-{Path.GetRandomFileName()[..8]}");
        FileFault.Guard(folder, () => Directory.CreateDirectory(Path.Combine(unfinished, "audio")));
        try
        {
            WritePage(unfinished);
            FileFault.Guard(page, () => Directory.Move(unfinished, page));
            AtomicFiles.Write((key, KeyOf().Write));
        }
        catch
        {
            // A page without its key tells nothing.
            foreach (var path in new[] { unfinished, page }.Where(Directory.Exists))
            {
                Directory.Delete(path, recursive: true);
            }

            throw;
        }
    }

    private void WritePage(string folder)
    {
        var index = Path.Combine(folder, "index.html");
        AtomicFiles.Write((index, stream => stream.Write(Encoding.UTF8.GetBytes(TestPage.Of(Page)))));
        string[] sounds = [.. _clips.Select(clip => Path.Combine(folder, "audio", $"{clip.Name}.wav"))];
        foreach (var (path, clip) in sounds.Zip(_clips))
        {
            WavFile.Write(path, clip.Sound);
        }

        // When a file was written would tell which system it is of.
        var time = DateTime.UtcNow.Date;
        foreach (var path in sounds.Append(index))
        {
            FileFault.Guard(path, () => File.SetLastWriteTimeUtc(path, time));
        }
    }

    private KeyFile KeyOf() => new(Page.TestId, Page.Method, _clips
        .Select(clip => new KeyRow(clip.Name, clip.System, clip.Sentence, clip.Kind, clip.Expected, clip.Sound.Duration.TotalSeconds))
        .OrderBy(row => row.Kind).ThenBy(row => OrderOf(row.System)).ThenBy(row => row.Sentence, StringComparer.Ordinal));

    private int OrderOf(string system) =>
        Conditions.SelectMany(names => names).Distinct().Index().Where(entry => entry.Item == system).Select(entry => entry.Index).FirstOrDefault(-1);

    private double SecondsOf(IReadOnlyList<PlannedTrial> trials)
    {
        var seconds = _clips.ToDictionary(clip => clip.Name, clip => clip.Sound.Duration.TotalSeconds);
        var perSound = Page.Method == ListeningMethod.Mushra ? SecondsPerSlider : 0;
        return trials.Sum(trial => trial.Sounds.Sum(sound => seconds[sound] + perSound) + SecondsPerRating);
    }

    private static void RequireEnough(ListeningTestRecipe recipe, TestComposer composer)
    {
        var sentences = composer.RatingSentences.Count + composer.TrainingSentences.Count;
        var conditions = composer.Conditions.Count;
        if (recipe is { Full: false, Method: not ListeningMethod.Mushra } && composer.RatingSentences.Count % conditions != 0)
        {
            throw new FileException(
                $"expected at least {conditions} sentences, so that a listener hears each of {conditions} conditions equally often, "
                + $"found {sentences}; add sentences, or let every listener hear all of them with --full.");
        }
    }
}
