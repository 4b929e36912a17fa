using System.Runtime.CompilerServices;
using CudaTts.Tests.Kernels;

/// <summary>
/// All tests of this program: on a GPU unless <see cref="TestDevice.Variable"/> says otherwise. Without one none of them runs, also those that
/// would pass without: a run that has proven nothing must not look like one that has.
/// </summary>
[SetUpFixture]
internal sealed class GpuRun
{
    [ModuleInitializer]
    internal static void ChooseTheGpu()
    {
        if (string.IsNullOrEmpty(Environment.GetEnvironmentVariable(TestDevice.Variable)))
        {
            Environment.SetEnvironmentVariable(TestDevice.Variable, "cuda");
        }
    }

    [OneTimeSetUp]
    public void SkipWithoutADevice() => TestDevice.SkipWithout();
}
