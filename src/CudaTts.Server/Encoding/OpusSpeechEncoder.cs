using System.Buffers.Binary;
using System.Security.Cryptography;
using Concentus;
using Concentus.Enums;

namespace CudaTts.Server.Encoding;

/// <summary>Opus in an Ogg file (RFC 7845): packets of 20 ms, and a page whenever samples come, so that none waits to be full.</summary>
internal sealed class OpusSpeechEncoder : AudioEncoder
{
    private const int PacketsPerSecond = 50;
    private const int BitsPerSecond = 48_000;
    private const int LongestPacket = 1275;

    // Positions in an Ogg file are counted at this rate whatever the encoder's is.
    private const int GranuleRate = 48_000;

    private readonly IOpusEncoder _encoder;
    private readonly OggPages _pages = new(BinaryPrimitives.ReadUInt32LittleEndian(RandomNumberGenerator.GetBytes(sizeof(uint))));
    private readonly short[] _frame;
    private readonly byte[] _packet = new byte[LongestPacket];
    private readonly int _granulesPerSample;
    private readonly int _rate;
    private int _filled;
    private long _samples;
    private long _packets;

    static OpusSpeechEncoder() => OpusCodecFactory.AttemptToUseNativeLibrary = false;

    /// <summary>Creates an encoder.</summary>
    /// <param name="rate">Samples a second: one of <see cref="Rates"/>.</param>
    /// <param name="sink">Where the bytes go.</param>
    public OpusSpeechEncoder(int rate, ByteSink sink)
        : base(sink)
    {
        _rate = rate;
        _granulesPerSample = GranuleRate / rate;
        _frame = new short[rate / PacketsPerSecond];
        _encoder = OpusCodecFactory.CreateEncoder(rate, 1, OpusApplication.OPUS_APPLICATION_AUDIO);
        _encoder.Bitrate = BitsPerSecond;
        _encoder.SignalType = OpusSignal.OPUS_SIGNAL_VOICE;
    }

    /// <summary>The rates that Opus has.</summary>
    public static IReadOnlyList<int> Rates { get; } = [8000, 12000, 16000, 24000, 48000];

    // What the decoder makes before the first sample, and throws away.
    private int PreSkip => _encoder.Lookahead * _granulesPerSample;

    /// <inheritdoc/>
    public override async ValueTask AddAsync(ReadOnlyMemory<float> samples, CancellationToken cancellation)
    {
        _samples += samples.Length;
        await TakeAsync(Pcm16Samples.Of(samples.Span));
        if (_pages.HasPackets)
        {
            await Sink(_pages.Flush());
        }
    }

    /// <inheritdoc/>
    public override async ValueTask FinishAsync(CancellationToken cancellation)
    {
        // The encoder is behind by its look-ahead: silence pushes out what is still in it, and the last page says where the sound ends.
        var end = PreSkip + (_samples * _granulesPerSample);
        var silence = new short[_frame.Length];
        do
        {
            await TakeAsync(silence.AsMemory(0, _frame.Length - _filled));
        }
        while (_packets * GranulesPerPacket < end);
        await Sink(_pages.Flush(end));
    }

    private int GranulesPerPacket => _frame.Length * _granulesPerSample;

    private async ValueTask TakeAsync(ReadOnlyMemory<short> samples)
    {
        if (_packets == 0 && _filled == 0)
        {
            await WriteHeadersAsync();
        }

        while (samples.Length > 0)
        {
            var part = Math.Min(samples.Length, _frame.Length - _filled);
            samples[..part].CopyTo(_frame.AsMemory(_filled));
            (samples, _filled) = (samples[part..], _filled + part);
            if (_filled == _frame.Length)
            {
                await EncodeAsync();
            }
        }
    }

    private async ValueTask EncodeAsync()
    {
        var length = _encoder.Encode(_frame, _frame.Length, _packet, _packet.Length);
        _filled = 0;
        if (!_pages.Fits(length))
        {
            await Sink(_pages.Flush());
        }

        _packets++;
        _pages.Add(_packet.AsSpan(0, length), _packets * GranulesPerPacket);
    }

    private async ValueTask WriteHeadersAsync()
    {
        var head = new byte[19];
        "OpusHead"u8.CopyTo(head);
        head[8] = 1;
        head[9] = 1;
        BinaryPrimitives.WriteUInt16LittleEndian(head.AsSpan(10), (ushort)PreSkip);
        BinaryPrimitives.WriteUInt32LittleEndian(head.AsSpan(12), (uint)_rate);
        _pages.Add(head, 0);
        var first = _pages.Flush();

        ReadOnlySpan<byte> vendor = "CudaTts"u8;
        var tags = new byte[8 + 4 + vendor.Length + 4];
        "OpusTags"u8.CopyTo(tags);
        BinaryPrimitives.WriteInt32LittleEndian(tags.AsSpan(8), vendor.Length);
        vendor.CopyTo(tags.AsSpan(12));
        _pages.Add(tags, 0);
        await Sink((byte[])[.. first, .. _pages.Flush()]);
    }
}
