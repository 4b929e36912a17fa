namespace CudaTts.Tests.Kernels.MachineCode;

/// <summary>Finding loops and the way of their trips.</summary>
[TestFixture]
internal sealed class LoopTests
{
    [Test]
    public void A_loop_within_a_loop_is_found_and_what_is_whose()
    {
        var kernel = Assembly.Kernel("""
            MOV R0, RZ
            .L_x_1:
            LDG.E R4, [R2.64]
            .L_x_2:
            LDG.E R5, [R2.64]
            @P0 BRA `(.L_x_2)
            FADD R6, R4, R5
            @P1 BRA `(.L_x_1)
            EXIT
            """);
        var loops = Loop.FindAll(kernel);

        Assert.That(loops.Select(loop => (loop.Depth, loop.Inner.Count)), Is.EqualTo(new[] { (0, 1), (1, 0) }));
        Assert.That(Own(loops[0]), Is.EqualTo("LDG FADD BRA"));
        Assert.That(Own(loops[1]), Is.EqualTo("LDG BRA"));
        Assert.That(Own(Loop.Whole(kernel, loops)), Is.EqualTo("MOV EXIT"));
    }

    [Test]
    public void A_trip_takes_the_way_with_most_loads()
    {
        var loop = Loop.FindAll(Assembly.Kernel("""
            .L_x_1:
            @P0 BRA `(.L_x_2)
            FADD R6, R6, R6
            FADD R7, R7, R7
            FADD R8, R8, R8
            BRA `(.L_x_3)
            .L_x_2:
            LDG.E R5, [R2.64]
            .L_x_3:
            @P1 BRA `(.L_x_1)
            EXIT
            """)).Single();
        Assert.That(Own(loop), Is.EqualTo("BRA LDG BRA"));
    }

    [Test]
    public void What_is_out_of_line_and_comes_back_is_no_loop()
    {
        var kernel = Assembly.Kernel("""
            @P0 BRA `(.L_x_2)
            .L_x_1:
            FADD R6, R6, R6
            EXIT
            .L_x_2:
            MUFU.RCP R6, R6
            BRA `(.L_x_1)
            """);
        Assert.That(Loop.FindAll(kernel), Is.Empty);
    }

    [Test]
    public void A_function_that_is_called_has_its_loops()
    {
        var kernel = Assembly.Kernel("""
            CALL.REL.NOINC `(.L_x_1)
            EXIT
            .L_x_1:
            LDG.E R5, [R2.64]
            @P1 BRA `(.L_x_1)
            RET.REL.NODEC R20
            """);
        Assert.That(Loop.FindAll(kernel).Select(Own), Is.EqualTo(new[] { "LDG BRA" }));
    }

    [Test]
    public void A_loop_that_looks_for_another_blocks_words_is_told_from_one_that_does_not([Values("LD.E.64.STRONG.GPU", "LDG.E.64")] string load)
    {
        var loop = Loop.FindAll(Assembly.Kernel($"""
            .L_x_1:
            {load} R4, [R2.64]
            ISETP.NE.AND P0, PT, R5, R8, PT
            @P0 BRA `(.L_x_1)
            EXIT
            """)).Single();
        Assert.That(LoadChains.IsPoll(loop), Is.EqualTo(load.Contains("STRONG")));
    }

    private static string Own(Loop loop) => string.Join(' ', loop.Trip.Where(step => step.IsOwn).Select(step => step.Instruction.Name));
}
