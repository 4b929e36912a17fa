namespace CudaTts.Models.Tacotron2.Decoder.Cpu;

/// <summary>A row of a batch that the CPU decodes, with all that its steps change.</summary>
internal sealed record CpuDecoderRow(DecoderRow Row, DecoderState State)
{
    /// <summary>The step that the row is at when a team begins; only its leader adds to the row's own count.</summary>
    public int FirstStep { get; set; }
}
