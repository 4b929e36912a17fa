using CudaTts.Cuda;
using CudaTts.Tests.Cuda;

namespace CudaTts.Tests.Emulation;

/// <summary>That the encoder's LSTM gives up a hidden state that does not come, and says so.</summary>
[TestFixture]
internal sealed class LstmSequenceWaitTests
{
    private const int Units = 24;
    private const int Steps = 3;
    private const int SharedBytes = 2 * 256 * sizeof(float);

    // Three blocks of a direction: one of them is the first to poll, and the others' words are not there yet.
    [Test]
    public void A_hidden_state_that_does_not_come_is_told() => IsolatedDevice.RunEngine(GiveUpAtTheFirstPoll);

    [Test]
    public void Those_that_come_are_waited_for() => IsolatedDevice.RunEngine(WaitAsLongAsTheEngine);

    public static void GiveUpAtTheFirstPoll()
    {
        using var context = new CudaContext();

        var error = Assert.Throws<CudaException>(() => Run(context, polls: 1));

        Assert.That(error!.Message, Does.Match("block [0-5] waited in vain for mailbox 16 of step [01](;|\\.)"));
        Assert.That(error.IsSticky, Is.True);
    }

    public static void WaitAsLongAsTheEngine()
    {
        using var context = new CudaContext();

        Assert.That(() => Run(context, AbandonedWait.MostPolls), Throws.Nothing);
    }

    private static void Run(CudaContext context, uint polls)
    {
        using var stream = new CudaStream(context);
        using var gates = Zeros(context, stream, Steps * 2 * 4 * Units);
        using var weights = Zeros(context, stream, 2 * Units * 4 * Units);
        using var output = Zeros(context, stream, Steps * 2 * Units);
        using var mail = Zeros(context, stream, 2 * 2 * 2 * Units);
        using var cell = Zeros(context, stream, 2 * Units);
        CudaModule.Emulated(context).Kernel("lstm_sequence_f32").LaunchCooperative(
            stream, new Dim3(Units / 8, 2), 256, SharedBytes, gates.Address, weights.Address, output.Address, mail.Address, cell.Address,
                default(CUdeviceptr),
            context.AbandonedWait.WordFor(stream), polls, 1, Steps, Units, Units);
        stream.Synchronize();
    }

    private static CudaMemory Zeros(CudaContext context, CudaStream stream, int words)
    {
        var memory = new CudaMemory(context, words * sizeof(float));
        stream.Clear(memory.Address, memory.Bytes);
        return memory;
    }
}
