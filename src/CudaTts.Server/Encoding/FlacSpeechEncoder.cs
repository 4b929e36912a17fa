namespace CudaTts.Server.Encoding;

/// <summary>FLAC, written while the sound is being made: its header says how long the sound is only where that is known.</summary>
internal sealed class FlacSpeechEncoder(SoundShape sound, ByteSink sink) : AudioEncoder(sink)
{
    private readonly short[] _block = new short[FlacFrame.BlockSamples];
    private int _filled;
    private uint _frames;
    private bool _hasHeader;

    /// <inheritdoc/>
    public override async ValueTask AddAsync(ReadOnlyMemory<float> samples, CancellationToken cancellation)
    {
        await WriteHeaderAsync();
        ReadOnlyMemory<short> rest = Pcm16Samples.Of(samples.Span);
        while (rest.Length > 0)
        {
            var part = Math.Min(rest.Length, _block.Length - _filled);
            rest[..part].CopyTo(_block.AsMemory(_filled));
            (rest, _filled) = (rest[part..], _filled + part);
            if (_filled == _block.Length)
            {
                await WriteFrameAsync();
            }
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FinishAsync(CancellationToken cancellation)
    {
        await WriteHeaderAsync();
        if (_filled > 0)
        {
            await WriteFrameAsync();
        }
    }

    private async ValueTask WriteFrameAsync()
    {
        await Sink(FlacFrame.Write(_block.AsSpan(0, _filled), _frames++));
        _filled = 0;
    }

    private async ValueTask WriteHeaderAsync()
    {
        if (_hasHeader)
        {
            return;
        }

        _hasHeader = true;
        const uint LastBlockStreamInfo = 0x80;
        const int InfoBytes = 34;
        const int LengthBits = 36;
        var bits = new BitWriter();
        bits.Write(0x664C6143, 32);
        bits.Write(LastBlockStreamInfo, 8);
        bits.Write(InfoBytes, 24);
        bits.Write(FlacFrame.BlockSamples, 16);
        bits.Write(FlacFrame.BlockSamples, 16);

        // Sizes of frames, 24 bits each: unknown.
        bits.Write(0, 24);
        bits.Write(0, 24);
        bits.Write((uint)sound.SampleRate, 20);

        // One channel, 16 bits: both less one.
        bits.Write(0, 3);
        bits.Write(15, 5);
        var samples = sound.Samples ?? 0;
        bits.Write((uint)(samples >> 32), LengthBits - 32);
        bits.Write((uint)samples, 32);

        // No hash of the samples.
        for (var word = 0; word < 4; word++)
        {
            bits.Write(0, 32);
        }

        await Sink(bits.Take());
    }
}
