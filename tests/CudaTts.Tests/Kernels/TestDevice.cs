using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>
/// The device of all kernel and golden tests, opened once for each precision: the emulated one, or a GPU where <see cref="Variable"/> says so.
/// Tests that need it are skipped, with the reason, where it is missing.
/// </summary>
internal static class TestDevice
{
    /// <summary>Environment variable: <c>emulated</c>, as when it is not set, or <c>cuda</c>.</summary>
    public const string Variable = "CUDATTS_TEST_DEVICE";

    private static readonly Lock s_opening = new();
    private static readonly Dictionary<(Precision Precision, bool UsesWarpgroups), CudaCompute> s_devices = [];
    private static readonly HashSet<string> s_users = [];

    /// <summary>Full names of the fixtures whose tests have opened it.</summary>
    public static IReadOnlySet<string> Users => s_users;

    /// <summary>Precisions that were opened since whoever wants to know has cleared this.</summary>
    public static ISet<Precision> Opened { get; } = new HashSet<Precision>();

    /// <param name="precision">Of activations and weights.</param>
    /// <param name="usesWarpgroups">
    /// Whether convolutions are computed by wgmma where there are kernels for it: a device of its own, whose weights are packed so.
    /// </param>
    public static CudaCompute Open(Precision precision, bool usesWarpgroups = false)
    {
        lock (s_opening)
        {
            SkipWithout();
            if (!s_devices.TryGetValue((precision, usesWarpgroups), out var device))
            {
                device = (CudaCompute)ComputeDevice.Open(new DeviceOptions { Name = Name, Precision = precision });
                device.UsesWarpgroups = usesWarpgroups;
                s_devices.Add((precision, usesWarpgroups), device);
            }

            if (usesWarpgroups && device.Context.ComputeCapability != new Version(9, 0))
            {
                Assert.Ignore($"wgmma is for compute capability 9.0; this device has {device.Context.ComputeCapability}");
            }

            Opened.Add(precision);
            s_users.Add(TestContext.CurrentContext.Test.ClassName ?? "");
            device.Enter();
            return device;
        }
    }

    /// <summary>Ends the test, or all tests of a fixture, as skipped where the device is missing.</summary>
    public static void SkipWithout()
    {
        if (CudaDriver.WhyNot(Name == "cuda" ? DriverKind.Hardware : DriverKind.Emulated) is { } reason)
        {
            Assert.Ignore(reason);
        }
    }

    private static string Name => Environment.GetEnvironmentVariable(Variable) switch
    {
        null or "" or "emulated" => "emulated",
        "cuda" => "cuda",
        var other => throw new InvalidOperationException($"{Variable}: expected cuda or emulated; found '{other}'."),
    };
}
