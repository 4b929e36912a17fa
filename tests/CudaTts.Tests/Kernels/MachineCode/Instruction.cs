namespace CudaTts.Tests.Kernels.MachineCode;

internal readonly record struct SourceLine(string File, int Line);

/// <summary>One instruction of a listing.</summary>
/// <param name="Address">Within the kernel, bytes.</param>
/// <param name="Predicate">The predicate it is guarded by, without '@' and '!'; null for none.</param>
/// <param name="Opcode">With all modifiers: LDG.E.128.CONSTANT.</param>
/// <param name="Operands">In the listing's order, which has what is written first.</param>
/// <param name="Control">What the scheduler is told.</param>
/// <param name="Lines">Where it comes from: the line itself, then where each function was inlined. Empty without line information.</param>
internal sealed record Instruction(
    int Address, string? Predicate, string Opcode, IReadOnlyList<string> Operands, ControlBits Control, IReadOnlyList<SourceLine> Lines)
{
    private IReadOnlyList<string>? _read;
    private IReadOnlyList<string>? _written;

    /// <summary>The opcode without its modifiers.</summary>
    public string Name { get; } = Opcode.Split('.')[0];

    public IReadOnlyList<string> RegistersRead => _read ??= RegisterUse.Read(this);

    public IReadOnlyList<string> RegistersWritten => _written ??= RegisterUse.Written(this);

    /// <summary>
    /// A load of global memory, generic or asynchronous to shared memory, or an atomic operation that returns a value: hundreds of cycles.
    /// </summary>
    public bool IsGlobalLoad => Name is "LDG" or "LD" or "LDGSTS" or "ATOM" or "ATOMG";

    /// <summary>A copy from global to shared memory, which is waited for by groups.</summary>
    public bool IsAsynchronousCopy => Name is "LDGSTS";

    public bool IsSharedLoad => Name is "LDS" or "LDSM";

    public bool IsConstantLoad => Name is "LDC" or "ULDC";

    public bool IsLocalLoad => Name is "LDL";

    /// <summary>A load that polls other blocks' stores (ld.relaxed, ld.acquire).</summary>
    public bool IsRelaxedLoad => Name is "LDG" or "LD" && Opcode.Contains(".STRONG", StringComparison.Ordinal);

    /// <summary>A relaxed load of the host's memory, over PCIe.</summary>
    public bool IsHostLoad => IsRelaxedLoad && Opcode.Contains(".SYS", StringComparison.Ordinal);

    /// <summary>After it others' stores may be seen, so that no load may be moved before it.</summary>
    public bool IsBarrier => Name is "BAR" or "MEMBAR" or "SYNCS" or "UCGABAR_WAIT" || IsGroupWait;

    /// <summary>A wait for all but the newest entries of a scoreboard: DEPBAR.LE SB0, 0x1.</summary>
    public bool IsGroupWait => Name is "DEPBAR" && Operands.Count > 0;

    public bool IsTensorCore => Name is "HMMA" or "HGMMA";

    /// <summary>A branch that the warp may or may not take.</summary>
    public bool IsConditionalBranch => Name is "BRA" && (Predicate is not null || Operands.Count > 1);

    public override string ToString() => $"{Address:x4} {(Predicate is null ? "" : $"@{Predicate} ")}{Opcode} {string.Join(", ", Operands)}";
}
