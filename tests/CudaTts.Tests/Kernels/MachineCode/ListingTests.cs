namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>Reading a listing: instructions, registers and the bits for the scheduler.</summary>
[TestFixture]
internal sealed class ListingTests
{
    // Words of our own kernels' machine code.
    [TestCase(0x000f68000c1e9d00UL, 4, 5, null, 0b000000, TestName = "A load that announces its result on scoreboard 5")]
    [TestCase(0x000364000c1e9d00UL, 2, 5, 1, 0b000000, TestName = "A load that announces its operands on scoreboard 1 too")]
    [TestCase(0x002fe200078e0206UL, 1, null, null, 0b000010, TestName = "A product that waits for scoreboard 1")]
    [TestCase(0x020fe20000000000UL, 1, null, null, 0b100000, TestName = "An instruction that waits for scoreboard 5")]
    [TestCase(0x000fd80000000000UL, 12, null, null, 0b000000, TestName = "A sum that stalls for 12 cycles")]
    public void Control_bits(ulong upper, int stall, int? result, int? operands, int waits)
    {
        var control = ControlBits.Of(upper);
        Assert.That((control.Stall, control.ResultScoreboard, control.OperandScoreboard, control.WaitMask),
            Is.EqualTo((stall, result, operands, waits)));
    }

    [Test]
    public void An_instruction_is_read_with_its_predicate_and_lines()
    {
        string[] listing =
        [
            "\t.section\t.text.probe_f32,\"ax\",@progbits",
            ".text.probe_f32:",
            "\t//## File \"kernels/common.cuh\", line 23 inlined at \"kernels/lstm.cu\", line 94",
            "\t//## File \"kernels/lstm.cu\", line 94",
            "        /*0000*/              @!P1 LDG.E.128.CONSTANT R16, desc[UR6][R92.64+-0x10] ;         /* 0x000000065c109981 */",
            "                                                                                             /* 0x000364000c1e9d00 */",
            ".L_x_3:",
            " /*0010*/ EXIT ; /* 0x000000000000794d */ /* 0x000fea0003800000 */",
        ];
        var kernel = Listing.Parse(listing).Single();

        Assert.That((kernel.Name, kernel.Instructions.Count, kernel.Labels[".L_x_3"]), Is.EqualTo(("probe_f32", 2, 1)));
        var load = kernel.Instructions[0];
        Assert.That((load.Predicate, load.Opcode, load.Control.ResultScoreboard), Is.EqualTo(("P1", "LDG.E.128.CONSTANT", 5)));
        Assert.That(load.Lines, Is.EqualTo(new SourceLine[] { new("kernels/common.cuh", 23), new("kernels/lstm.cu", 94) }));
        Assert.That(kernel.Instructions[1].Opcode, Is.EqualTo("EXIT"));
    }

    [TestCase("LDG.E.128.CONSTANT R16, desc[UR6][R92.64+-0x10]", "R16 R17 R18 R19", "R92 R93 UR6")]
    [TestCase("STG.E.64 desc[UR6][R2.64], R4", "", "R2 R3 R4 R5 UR6")]
    [TestCase("ISETP.GE.AND P1, PT, R3.reuse, R4, P2", "P1", "P2 R3 R4")]
    [TestCase("IADD3 R15, P2, R16, R14, RZ", "P2 R15", "R14 R16")]
    [TestCase("LEA.HI.X R17, R17, UR3, R18, 0x4, P1", "R17", "P1 R17 R18 UR3")]
    [TestCase("IMAD.WIDE.U32 R4, R3, 0x8, R4", "R4 R5", "R3 R4 R5")]
    [TestCase("HMMA.16816.F32 R4, R8, R12, R4", "R4 R5 R6 R7", "R10 R11 R12 R13 R4 R5 R6 R7 R8 R9")]
    [TestCase("LDSM.16.M88.4 R20, [R2+UR4]", "R20 R21 R22 R23", "R2 UR4")]
    [TestCase("SHFL.BFLY PT, R5, R4, 0x10, 0x1f", "R5", "R4")]
    [TestCase("VOTE.ALL P0, P1", "P0", "P1")]
    [TestCase("BRA P3, `(.L_x_2)", "", "P3")]
    public void Registers_that_an_instruction_writes_and_reads(string text, string written, string read)
    {
        var instruction = Assembly.Instruction(text);
        Assert.That(string.Join(' ', RegisterUse.Written(instruction).Order(StringComparer.Ordinal)), Is.EqualTo(written), "written");
        Assert.That(string.Join(' ', RegisterUse.Read(instruction).Distinct().Order(StringComparer.Ordinal)), Is.EqualTo(read), "read");
    }

    [Test]
    public void Resources_are_those_of_compute_capability_9()
    {
        const string report = """
            ptxas info    : Compiling entry function 'probe_f32' for 'sm_80'
            ptxas info    : Function properties for probe_f32
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 44 registers, 1024 bytes smem, 444 bytes cmem[0]
            ptxas info    : Compiling entry function 'probe_f32' for 'sm_90a'
            ptxas info    : Function properties for probe_f32
            8 bytes stack frame, 16 bytes spill stores, 24 bytes spill loads
            ptxas info    : Used 37 registers, 512 bytes smem
            ptxas info    : Compiling entry function 'other_f32' for 'sm_90'
            ptxas info    : Function properties for other_f32
            0 bytes stack frame, 0 bytes spill stores, 0 bytes spill loads
            ptxas info    : Used 12 registers, 444 bytes cmem[0]
            """;
        Assert.That(KernelResources.Parse(report).Values,
            Is.EqualTo(new KernelResources[] { new("probe_f32", 37, 512, 16), new("other_f32", 12, 0, 0) }));
    }
}
