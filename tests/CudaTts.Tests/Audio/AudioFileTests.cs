using System.Buffers.Binary;
using System.Diagnostics;
using System.Reflection;
using CudaTts.Audio;

namespace CudaTts.Tests;

/// <summary>AIFF and MP3: what is read, what is refused, and that nothing but an <see cref="AudioException"/> comes of damage.</summary>
public sealed class AudioFileTests
{
    private const int ToneSamples = 5512;
    private const int ToneRate = 22050;
    private static readonly float[] Steps = [0, 0.5f, -0.5f, 0.25f, -1, 0.75f];

    [Test]
    public void Aiff_is_read([Values(8, 16, 24, 32)] int bits, [Values] bool compressionNamed, [Values(1, 2)] int channels)
    {
        var waveform = Parse(Aiff(bits, channels, compressionNamed ? "NONE" : null));

        Assert.That(waveform.Samples, Is.EqualTo(Steps));
        Assert.That(waveform.SampleRate, Is.EqualTo(ToneRate));
    }

    [Test]
    public void Every_truncation_of_aiff_is_refused()
    {
        var aiff = Aiff(16, 1, null);
        for (var length = 0; length < aiff.Length; length++)
        {
            Assert.That(() => Parse(aiff[..length]), Throws.TypeOf<AudioException>(), $"{length} bytes");
        }
    }

    [TestCase(8, 0x58, "found something else")]
    [TestCase(12, 0x58, "COMM")]
    [TestCase(16, 0x7F, "claims")]
    [TestCase(19, 17, "at least 18")]
    [TestCase(21, 0, "found 0 channels")]
    [TestCase(20, 0x80, "channels of 16 bits")]
    [TestCase(27, 0, "channels of 0 bits")]
    [TestCase(26, 0x80, "expected 1 to 64 channels")]
    [TestCase(28, 0xC0, "Hz")]
    [TestCase(20, 0x40, "channels")]
    [TestCase(22, 0x01, "are announced")]
    [TestCase(27, 12, "12 bits")]
    [TestCase(28, 0x7F, "Hz")]
    [TestCase(38, 0x58, "SSND")]
    [TestCase(49, 1, "are announced")]
    public void Damage_to_aiff_is_named(int offset, byte value, string named)
    {
        var aiff = Aiff(16, 1, null);
        aiff[offset] = value;

        Assert.That(() => Parse(aiff), Throws.TypeOf<AudioException>().With.Message.Contains(named).And.Message.StartsWith("a: "));
    }

    [TestCase("sowt")]
    [TestCase("ima4")]
    public void Compressed_aiff_is_refused(string compression) =>
        Assert.That(() => Parse(Aiff(16, 1, compression)), Throws.TypeOf<AudioException>().With.Message.Contains("ffmpeg"));

    [Test]
    public void Mp3_is_read()
    {
        var waveform = Parse(Mp3());

        Assert.That(waveform.SampleRate, Is.EqualTo(ToneRate));
        Assert.That(waveform.Samples, Has.Length.EqualTo(ToneSamples));
        var behindTheDelay = waveform.Samples.AsSpan(1200);
        Assert.That(SignalToNoise(behindTheDelay, 440), Is.GreaterThan(30));
        Assert.That(SignalToNoise(behindTheDelay, 460), Is.LessThan(3), "another tone is noticed");
    }

    [Test]
    public void A_tag_in_front_of_mp3_is_no_sound() =>
        Assert.That(Parse([.. "ID3"u8, 4, 0, 0, 0, 0, 0, 16, .. new byte[16], .. Mp3()]).Samples, Has.Length.EqualTo(ToneSamples));

    [Test]
    public void Much_that_is_no_frame_is_refused([Values(0x00, 0xFF, 0xE0, 0x55)] byte filling, [Values] bool behindATag)
    {
        byte[] junk = [.. Enumerable.Repeat(filling, 5 << 20)];
        byte[] start = behindATag ? [.. "ID3"u8, 4, 0, 0, 0, 0, 0, 16, .. new byte[16]] : [0xFF, 0xFB, 0x90, 0x64];

        Assert.That(() => Parse([.. start, .. junk]), Throws.TypeOf<AudioException>().With.Message.Contains("bytes of something else"));
        Assert.That(() => Parse([.. Mp3(), .. junk]), Throws.TypeOf<AudioException>().With.Message.Contains("bytes of something else"));
    }

    [Test]
    public void A_tag_behind_mp3_is_no_sound() =>
        Assert.That(Parse([.. Mp3(), .. "TAG"u8, .. new byte[125]]).Samples, Has.Length.EqualTo(ToneSamples));

    [TestCase(0)]
    [TestCase(3)]
    [TestCase(200)]
    public void A_file_that_becomes_shorter_while_it_is_read_has_an_end(int left)
    {
        using var stream = new ShrunkStream(Mp3()[..left]);
        Assert.That(() => MpegFrames.Require(stream, "a"), Throws.Nothing);
    }

    [TestCase(3)]
    [TestCase(200)]
    [TestCase(700)]
    public void Truncated_mp3_is_refused(int length) =>
        Assert.That(() => Parse(Mp3()[..length]), Throws.TypeOf<AudioException>().With.Message.StartsWith("a: "));

    [Test]
    public void Other_files_are_refused([Values("", "OggS", "fLaC", "not a recording", "ID3")] string content) => Assert.That(
        () => Parse(System.Text.Encoding.ASCII.GetBytes(content)), Throws.TypeOf<AudioException>().With.Message.Contains("ffmpeg"));

    [Test]
    public void Mutations_end_in_sound_or_in_an_audio_exception()
    {
        var random = new Random(20240917);
        byte[][] files = [Aiff(16, 2, null), Aiff(24, 1, "NONE"), Mp3()];
        var (read, refused) = (new int[files.Length], new int[files.Length]);
        for (var i = 0; i < 6000; i++)
        {
            var kind = i % files.Length;
            var file = files[kind].ToArray();
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                // Mostly in the headers.
                var place = random.Next(4) == 0 ? random.Next(file.Length) : random.Next(60);
                file[place] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
            }

            try
            {
                Parse(random.Next(4) > 0 ? file : file[..random.Next(file.Length)]);
                read[kind]++;
            }
            catch (AudioException error)
            {
                Assert.That(error.Message, Does.Not.Match(@"Parameter|System\.|NAudio|Exception|\n"));
                refused[kind]++;
            }
        }

        Assert.That(read, Is.All.GreaterThan(50));
        Assert.That(refused, Is.All.GreaterThan(50));
    }

    [TestCase(44100, 22050)]
    [TestCase(48000, 22050)]
    [TestCase(16000, 22050)]
    public void Another_rate_keeps_the_tone_and_lets_no_alias_through(int from, int to)
    {
        var resampled = Tone(1000, from).Resample(to);

        Assert.That(resampled.SampleRate, Is.EqualTo(to));
        Assert.That(resampled.Samples, Has.Length.EqualTo(to));
        Assert.That(SignalToNoise(resampled.Samples.AsSpan(to / 10, to / 2), 1000, to), Is.GreaterThan(85));
        if (from > to)
        {
            var tooHigh = Tone(0.55 * to, from).Resample(to).Samples.AsSpan(to / 10, to / 2);
            Assert.That(tooHigh.ToArray().Max(Math.Abs), Is.LessThan(1e-4));
        }
    }

    [Test]
    public void The_same_rate_is_the_same_sound()
    {
        var waveform = Tone(100, ToneRate);

        Assert.That(waveform.Resample(ToneRate), Is.SameAs(waveform));
    }

    [Test]
    public void More_samples_than_one_recording_may_have_are_refused() =>
        Assert.That(() => new Waveform(new float[1000], 1).Resample(1_000_000), Throws.TypeOf<AudioException>().With.Message.Contains("split"));

    [Test]
    [Platform(Exclude = "Win", Reason = "pipes have no place in the file system there")]
    public async Task A_pipe_is_read_like_a_file()
    {
        using var folder = new TemporaryFolder();
        var pipe = folder.Path("pipe");
        using (var mkfifo = Process.Start("mkfifo", pipe))
        {
            await mkfifo.WaitForExitAsync();
        }

        var file = Aiff(16, 1, null);
        var writing = Task.Run(() =>
        {
            using var stream = new FileStream(pipe, FileMode.Open, FileAccess.Write);
            stream.Write(file);
        });
        var piped = AudioFile.Read(pipe);
        await writing;

        Assert.That(piped.Samples, Is.EqualTo(Parse(file).Samples));
    }

    private static Waveform Parse(byte[] file) => AudioFile.Read(new MemoryStream(file), "a");

    private static Waveform Tone(double frequency, int rate) =>
        new([.. Enumerable.Range(0, rate).Select(i => (float)(0.5 * Math.Sin(2 * Math.PI * frequency * i / rate)))], rate);

    private static byte[] Mp3()
    {
        using var stream = Assembly.GetExecutingAssembly().GetManifestResourceStream("tone-440-hz.mp3")!;
        var bytes = new byte[stream.Length];
        stream.ReadExactly(bytes);
        return bytes;
    }

    // Of the least-squares fit of a tone of that frequency, decibels.
    private static double SignalToNoise(ReadOnlySpan<float> samples, double frequency, int rate = ToneRate)
    {
        double sineSine = 0, sineCosine = 0, cosineCosine = 0, bySine = 0, byCosine = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * frequency * i / rate);
            (sineSine, sineCosine, cosineCosine) = (sineSine + (sine * sine), sineCosine + (sine * cosine), cosineCosine + (cosine * cosine));
            (bySine, byCosine) = (bySine + (samples[i] * sine), byCosine + (samples[i] * cosine));
        }

        var determinant = (sineSine * cosineCosine) - (sineCosine * sineCosine);
        var ofSine = ((bySine * cosineCosine) - (byCosine * sineCosine)) / determinant;
        var ofCosine = ((byCosine * sineSine) - (bySine * sineCosine)) / determinant;
        double signal = 0, noise = 0;
        for (var i = 0; i < samples.Length; i++)
        {
            var (sine, cosine) = Math.SinCos(2 * Math.PI * frequency * i / rate);
            var fit = (ofSine * sine) + (ofCosine * cosine);
            (signal, noise) = (signal + (fit * fit), noise + Math.Pow(samples[i] - fit, 2));
        }

        return 10 * Math.Log10(signal / noise);
    }

    private static byte[] Aiff(int bits, int channels, string? compression)
    {
        byte[] data = [.. Steps.SelectMany(value => Enumerable.Repeat(BigEndian(value, bits), channels)).SelectMany(bytes => bytes)];
        byte[] common =
        [
            0, (byte)channels, 0, 0, 0, (byte)Steps.Length, 0, (byte)bits,
            0x40, 0x0D, 0xAC, 0x44, 0, 0, 0, 0, 0, 0, // 22,050 as a float of 80 bits
            .. System.Text.Encoding.ASCII.GetBytes(compression is null ? "" : compression + "\0\0"),
        ];
        byte[] chunks =
        [
            .. System.Text.Encoding.ASCII.GetBytes(compression is null ? "AIFF" : "AIFC"), .. "COMM"u8, .. Size(common.Length), .. common,
            .. "SSND"u8, .. Size(data.Length + 8), .. new byte[8], .. data,
        ];
        return [.. "FORM"u8, .. Size(chunks.Length), .. chunks];
    }

    private static byte[] BigEndian(float value, int bits)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, (int)(value * 2147483648.0));
        return bytes[..(bits / 8)];
    }

    private static byte[] Size(int size)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteInt32BigEndian(bytes, size);
        return bytes;
    }

    /// <summary>A stream that still says how long it was.</summary>
    private sealed class ShrunkStream(byte[] left) : MemoryStream(left)
    {
        public override long Length => base.Length + (1 << 20);
    }
}
