using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;

namespace CudaTts.Tests.Kernels;

/// <summary>The emulated GPU, opened once for each precision; tests that need it are skipped, with the reason, where it has not been built.</summary>
internal static class EmulatedDevice
{
    private static readonly Lock s_opening = new();
    private static readonly Dictionary<Precision, CudaCompute> s_devices = [];

    private static readonly HashSet<string> s_users = [];

    /// <summary>Full names of the fixtures whose tests have opened it.</summary>
    public static IReadOnlySet<string> Users => s_users;

    public static CudaCompute Open(Precision precision)
    {
        lock (s_opening)
        {
            if (CudaDriver.WhyNot(DriverKind.Emulated) is { } reason)
            {
                Assert.Ignore(reason);
            }

            if (!s_devices.TryGetValue(precision, out var device))
            {
                device = (CudaCompute)ComputeDevice.Open(new DeviceOptions { Name = "emulated", Precision = precision });
                s_devices.Add(precision, device);
            }

            s_users.Add(TestContext.CurrentContext.Test.ClassName ?? "");
            device.Enter();
            return device;
        }
    }
}
