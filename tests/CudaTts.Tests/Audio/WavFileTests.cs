using System.Buffers.Binary;
using System.Text;
using CudaTts.Audio;

namespace CudaTts.Tests;

public sealed class WavFileTests
{
    private static readonly float[] Steps = [0, 0.5f, -0.5f, 0.25f, -1, 0.75f];
    private string _folder = "";

    [SetUp]
    public void CreateFolder() => _folder = Directory.CreateTempSubdirectory("cudatts-wav-").FullName;

    [TearDown]
    public void DeleteFolder() => Directory.Delete(_folder, recursive: true);

    [Test]
    public void Every_encoding_is_read(
        [Values("1/8", "1/16", "1/24", "1/32", "3/32", "3/64")] string encoding, [Values] bool extensible, [Values(1, 2)] int channels)
    {
        var waveform = Parse(Wav(encoding, channels, extensible));

        using (Assert.EnterMultipleScope())
        {
            Assert.That(waveform.Samples, Is.EqualTo(Steps));
            Assert.That(waveform.SampleRate, Is.EqualTo(22050));
            Assert.That(waveform.Duration.TotalSeconds, Is.EqualTo(6 / 22050.0).Within(1e-7));
        }
    }

    [Test]
    public void Channels_are_averaged()
    {
        var wav = Wav("1/16", channels: 2, extensible: false);
        BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(wav.Length - 2), 0);

        Assert.That(Parse(wav).Samples[^1], Is.EqualTo(0.375f));
    }

    [Test]
    public void Odd_chunks_are_padded()
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        byte[] odd = [.. wav[..36], .. "LIST"u8, 3, 0, 0, 0, 1, 2, 3, 0, .. wav[36..]];

        Assert.That(Parse(odd).Samples, Is.EqualTo(Steps));
    }

    [Test]
    public void Data_of_unknown_size_run_to_the_end(
        [Values(uint.MaxValue, uint.MaxValue - 36, 0x7FFFF000u, 0x7FFFFFFFu, 0x80000000u, 0u)] uint size,
        [Values(0u, 36u, 0x7FFFFFFFu)] uint riffSize)
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(4), riffSize);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), size);

        Assert.That(Parse([.. wav, 7]).Samples, Is.EqualTo(Steps));
    }

    [Test]
    public void No_data_in_a_whole_file_stay_none()
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), 0);
        byte[] alone = wav[..44];
        BinaryPrimitives.WriteUInt32LittleEndian(alone.AsSpan(4), 36);
        byte[] listed = [.. wav[..44], .. "LIST"u8, 4, 0, 0, 0, .. "INFO"u8];

        Assert.That(Parse(alone).Samples, Is.Empty);
        Assert.That(Parse(listed).Samples, Is.Empty);
        Assert.That(Parse(wav).Samples, Is.EqualTo(Steps), "samples and no chunk follow, whatever the header says");
    }

    [TestCase(0x7FFFF024u, 0x7FFFF000u, TestName = "two gigabytes less a page and its header")]
    [TestCase(0xFFFFFFFFu, 0xFFFFFFDBu, TestName = "all ones less the header")]
    [TestCase(0x80000024u, 0x80000000u, TestName = "two gigabytes")]
    [TestCase(0x7FFF0024u, 0x7FFF0000u, TestName = "two gigabytes less sixteen pages")]
    [TestCase(0xFFFFFFFFu, 0u, TestName = "ones and nothing")]
    [TestCase(36u, 0u, TestName = "the header alone")]
    [TestCase(48u, 0u, TestName = "a riff size that was mended alone")]
    [TestCase(0u, 0xFFFFF000u, TestName = "nothing and four gigabytes less a page")]
    public void Placeholders_of_writers_that_cannot_seek_are_read_to_the_end(uint riffSize, uint size)
    {
        foreach (var encoding in (string[])["1/8", "1/16", "1/24", "3/32"])
        {
            var wav = Wav(encoding, channels: 2, extensible: encoding == "1/24");
            var data = wav.AsSpan().IndexOf("data"u8);
            BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(4), riffSize);
            BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(data + 4), size);
            Assert.That(Parse(wav).Samples, Is.EqualTo(Steps), encoding);
        }
    }

    [TestCase(0x7FFF0000u)]
    [TestCase(0x40000000u)]
    [TestCase(1000u)]
    public void A_size_that_is_no_placeholder_is_a_truncation(uint size)
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        BinaryPrimitives.WriteUInt32LittleEndian(wav.AsSpan(40), size - (size == 0x7FFF0000u ? 0x10000u : 0));
        Assert.That(() => Parse(wav), Throws.TypeOf<AudioException>().With.Message.Contains("truncated"));
    }

    [TestCase(-1, 1, 16)]
    [TestCase(-22050, 1, 16)]
    [TestCase(0, 1, 16)]
    [TestCase(22050, 0, 16)]
    [TestCase(22050, 65, 16)]
    [TestCase(int.MinValue, 2, 8)]
    public void Numbers_that_no_recording_has_are_told_in_words_of_sound(int rate, int channels, int bits)
    {
        foreach (var extensible in (bool[])[false, true])
        {
            var wav = Wav("1/16", channels: 1, extensible);
            BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(22), (short)channels);
            BinaryPrimitives.WriteInt32LittleEndian(wav.AsSpan(24), rate);
            BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(32), (short)(channels * bits / 8));
            BinaryPrimitives.WriteInt16LittleEndian(wav.AsSpan(34), (short)bits);
            Assert.That(() => Parse(wav),
                Throws.TypeOf<AudioException>().With.Message.Contains("expected 1 to 64 channels").And.Message.Not.Contains("Parameter"));
        }
    }

    // ITU-T G.711, tables 1 and 2: the smallest and the largest value of either sign.
    [TestCase("6/8", new byte[] { 0xD5, 0x55, 0xAA, 0x2A }, new float[] { 8, -8, 32256, -32256 })]
    [TestCase("7/8", new byte[] { 0xFF, 0xFE, 0x80, 0x00 }, new float[] { 0, 8, 32124, -32124 })]
    public void Companded_samples_are_expanded(string encoding, byte[] data, float[] expected)
    {
        foreach (var extensible in new[] { false, true })
        {
            var samples = Parse(Wav(encoding, 1, extensible, data)).Samples;
            Assert.That(samples, Is.EqualTo(expected.Select(value => value / 32768)), $"extensible: {extensible}");
        }
    }

    [Test]
    public void Long_files_say_their_sizes_in_a_chunk_of_their_own([Values("RF64", "BW64")] string name)
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        byte[] sizes = [.. BitConverter.GetBytes(wav.Length + 28L), .. BitConverter.GetBytes(12L), .. BitConverter.GetBytes(6L), 0, 0, 0, 0];
        byte[] file =
        [
            .. Encoding.ASCII.GetBytes(name), 255, 255, 255, 255, .. "WAVEds64"u8, (byte)sizes.Length, 0, 0, 0, .. sizes,
            .. wav[12..40], 255, 255, 255, 255, .. wav[44..],
        ];

        Assert.That(Parse([.. file, .. "LIST"u8, 0, 0, 0, 0]).Samples, Is.EqualTo(Steps));
        file[28] = 14;
        Assert.That(() => Parse(file), Throws.TypeOf<AudioException>().With.Message.Contains("claims 14"));
    }

    [Test]
    public void Too_many_chunks_are_refused()
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        byte[] empty = [.. "LIST"u8, 0, 0, 0, 0];
        byte[] chunks = [.. Enumerable.Repeat(empty, 5000).SelectMany(chunk => chunk)];

        Assert.That(
            () => Parse([.. wav[..36], .. chunks, .. wav[36..]]), Throws.TypeOf<AudioException>().With.Message.Contains("more than 4096 chunks"));
        Assert.That(Parse([.. wav[..36], .. chunks[..(8 * 4000)], .. wav[36..]]).Samples, Is.EqualTo(Steps));
    }

    [TestCase(0, 0x58, "RIFF")]
    [TestCase(8, 0x58, "WAVE")]
    [TestCase(12, 0x58, "before any fmt")]
    [TestCase(16, 0x0F, "at least 16")]
    [TestCase(19, 0x7F, "claims")]
    [TestCase(20, 2, "format 2")]
    [TestCase(22, 0, "channels")]
    [TestCase(23, 0xFF, "channels")]
    [TestCase(27, 0xFF, "Hz")]
    [TestCase(32, 3, "frame")]
    [TestCase(34, 12, "12 bits")]
    [TestCase(36, 0x58, "no data")]
    [TestCase(40, 14, "claims 14")]
    [TestCase(40, 11, "claims 11")]
    [TestCase(43, 0xFF, "claims")]
    public void Damage_is_named(int offset, byte value, string named)
    {
        var wav = Wav("1/16", channels: 1, extensible: false);
        wav[offset] = value;

        Assert.That(() => Parse(wav), Throws.TypeOf<AudioException>().With.Message.Contains(named).And.Message.StartsWith("a.wav: "));
    }

    [Test]
    public void Every_truncation_is_refused()
    {
        var wav = Wav("3/32", channels: 1, extensible: true);
        for (var length = 0; length < wav.Length; length++)
        {
            Assert.That(() => Parse(wav[..length]), Throws.TypeOf<AudioException>(), $"{length} bytes");
        }
    }

    [TestCase(float.NaN)]
    [TestCase(float.NegativeInfinity)]
    public void Samples_that_are_not_finite_are_refused(float sample)
    {
        var wav = Wav("3/32", channels: 1, extensible: false);
        BinaryPrimitives.WriteSingleLittleEndian(wav.AsSpan(wav.Length - 4), sample);

        Assert.That(() => Parse(wav), Throws.TypeOf<AudioException>().With.Message.Contains("sample 5"));
    }

    [Test]
    public void Mutations_end_in_sound_or_in_audio_exception()
    {
        var random = new Random(20240917);
        string[] encodings = ["1/8", "1/16", "1/24", "1/32", "3/32", "3/64"];
        var (read, refused) = (0, 0);
        for (var i = 0; i < 10_000; i++)
        {
            var wav = Wav(encodings[random.Next(encodings.Length)], random.Next(1, 3), random.Next(2) == 0);
            for (var change = random.Next(1, 5); change > 0; change--)
            {
                wav[random.Next(wav.Length)] = (byte)(random.Next(3) switch { 0 => 0, 1 => 255, _ => random.Next(256) });
            }

            try
            {
                Parse(random.Next(4) > 0 ? wav : wav[..random.Next(wav.Length)]);
                read++;
            }
            catch (AudioException error)
            {
                Assert.That(error.Message, Does.Not.Match(@"Parameter|System\.|NAudio|Exception|\n"));
                refused++;
            }
        }

        Assert.That((read > 1000, refused > 1000), Is.EqualTo((true, true)), $"{read} read, {refused} refused");
    }

    [Test]
    public void Sixteen_bits_come_back_unchanged()
    {
        var samples = Enumerable.Range(short.MinValue, 1 << 16).Select(value => value / 32768f).ToArray();
        var path = Path.Combine(_folder, "all.wav");

        WavFile.Write(path, new Waveform(samples, 48000));
        var read = WavFile.Read(path);

        using (Assert.EnterMultipleScope())
        {
            Assert.That(read.Samples.AsSpan().SequenceEqual(samples), Is.True);
            Assert.That(read.SampleRate, Is.EqualTo(48000));
            Assert.That(new FileInfo(path).Length, Is.EqualTo(44 + (2 << 16)));
        }
    }

    [TestCase(0f, 0)]
    [TestCase(1f, 32767)]
    [TestCase(-1f, -32768)]
    [TestCase(7f, 32767)]
    [TestCase(-7f, -32768)]
    [TestCase(0.6f / 32768, 1)]
    [TestCase(-0.6f / 32768, -1)]
    [TestCase(0.4f / 32768, 0)]
    public void Samples_are_rounded_and_clamped(float sample, int expected)
    {
        var bytes = new byte[2];
        Pcm16.Convert([sample], bytes);

        Assert.That(BitConverter.ToInt16(bytes), Is.EqualTo(expected));
    }

    [Test]
    public void Stream_need_not_seek()
    {
        var samples = ProceduralWeights.Values("noise", [20_000, 1]);
        using var whole = new MemoryStream();
        WavFile.Write(whole, new Waveform(samples, 22050));
        using var raw = new MemoryStream();
        Pcm16.Write(raw, samples);

        Assert.That(whole.ToArray().AsSpan(44).SequenceEqual(raw.ToArray()), Is.True);
    }

    [Test]
    public void What_exists_is_replaced_and_nothing_else_stays()
    {
        var path = Path.Combine(_folder, "out.wav");
        File.WriteAllText(path, "old");

        WavFile.Write(path, new Waveform(Steps, 22050));

        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
        Assert.That(WavFile.Read(path).Samples, Is.EqualTo(new[] { 0, 0.5f, -0.5f, 0.25f, -1, 0.75f }));
    }

    [Test]
    public void Failure_leaves_the_old_file_and_nothing_else()
    {
        var path = Path.Combine(_folder, "out.wav");
        File.WriteAllText(path, "old");

        Assert.That(
            () => WavFile.Write(path, new Waveform([0, float.NaN], 22050)),
            Throws.TypeOf<AudioException>().With.Message.Contains("sample 1 is NaN"));
        Assert.That(Directory.GetFiles(_folder), Is.EqualTo(new[] { path }));
        Assert.That(File.ReadAllText(path), Is.EqualTo("old"));
    }

    [Test]
    public void Folder_in_the_way_leaves_nothing()
    {
        var path = Path.Combine(_folder, "out.wav");
        Directory.CreateDirectory(path);

        Assert.That(() => WavFile.Write(path, new Waveform(Steps, 22050)), Throws.TypeOf<AudioException>().With.Message.StartsWith(path));
        Assert.That(Directory.GetFileSystemEntries(_folder), Is.EqualTo(new[] { path }));
    }

    [Test]
    public void Missing_folder_is_named()
    {
        var path = Path.Combine(_folder, "none", "out.wav");

        Assert.That(() => WavFile.Write(path, new Waveform(Steps, 22050)), Throws.TypeOf<AudioException>().With.Message.StartsWith(path));
        Assert.That(() => WavFile.Read(path), Throws.TypeOf<AudioException>().With.Message.StartsWith(path));
    }

    [Test]
    [Platform("Linux")]
    public void Full_disk_is_named() => Assert.That(
        () => WavFile.Write("/dev/full", new Waveform(new float[100_000], 22050)),
        Throws.TypeOf<AudioException>().With.Message.StartsWith("/dev/full"));

    [Test]
    [Platform("Linux")]
    public void Link_stays_a_link()
    {
        var target = Path.Combine(_folder, "target.wav");
        var link = Path.Combine(_folder, "link.wav");
        File.WriteAllText(target, "old");
        File.CreateSymbolicLink(link, target);

        WavFile.Write(link, new Waveform(Steps, 22050));

        Assert.That(new FileInfo(link).LinkTarget, Is.EqualTo(target));
        Assert.That(WavFile.Read(target).Samples, Has.Length.EqualTo(6));
    }

    [Test]
    public void Longer_than_the_format_is_refused() =>
        Assert.That(() => WavFile.Header(1L << 31, 22050), Throws.TypeOf<AudioException>().With.Message.Contains("4 GiB"));

    private static Waveform Parse(byte[] wav) => WavReader.Read(new MemoryStream(wav), "a.wav");

    private static byte[] Wav(string encoding, int channels, bool extensible)
    {
        using var data = new MemoryStream();
        foreach (var value in Steps)
        {
            for (var channel = 0; channel < channels; channel++)
            {
                data.Write(Encode(encoding, value));
            }
        }

        return Wav(encoding, channels, extensible, data.ToArray());
    }

    private static byte[] Wav(string encoding, int channels, bool extensible, byte[] data)
    {
        var (tag, bits) = (encoding[0] - '0', int.Parse(encoding[2..]));
        using var file = new MemoryStream();
        using var wav = new BinaryWriter(file);
        wav.Write("RIFF"u8);
        wav.Write((uint)(data.Length + (extensible ? 60 : 36)));
        wav.Write("WAVEfmt "u8);
        wav.Write(extensible ? 40 : 16);
        wav.Write((ushort)(extensible ? 0xFFFE : tag));
        wav.Write((ushort)channels);
        wav.Write(22050);
        wav.Write(22050 * channels * bits / 8);
        wav.Write((ushort)(channels * bits / 8));
        wav.Write((ushort)bits);
        if (extensible)
        {
            wav.Write((ushort)22);
            wav.Write((ushort)bits);
            wav.Write(0);
            wav.Write(new Guid((uint)tag, 0, 0x10, 0x80, 0, 0, 0xAA, 0, 0x38, 0x9B, 0x71).ToByteArray());
        }

        wav.Write("data"u8);
        wav.Write((uint)data.Length);
        wav.Write(data);
        return file.ToArray();
    }

    private static byte[] Encode(string encoding, float value) => encoding switch
    {
        "1/8" => [(byte)((value * 128) + 128)],
        "1/16" => BitConverter.GetBytes((short)(value * 32768)),
        "1/24" => BitConverter.GetBytes((int)(value * 8388608))[..3],
        "1/32" => BitConverter.GetBytes((int)(value * 2147483648.0)),
        "3/32" => BitConverter.GetBytes(value),
        _ => BitConverter.GetBytes((double)value),
    };
}
