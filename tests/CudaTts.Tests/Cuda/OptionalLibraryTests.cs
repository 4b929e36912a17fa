using CudaTts.Cuda;

namespace CudaTts.Tests.Cuda;

/// <summary>Libraries that may be absent: nothing depends on them.</summary>
[TestFixture]
internal sealed class OptionalLibraryTests
{
    [Test]
    public void A_device_off_the_bus_has_no_known_use() =>
        Assert.That(DeviceUse.Of(new DriverDevice(0, "emulated", new Version(8, 0), 1 << 30, BusId: "")), Is.Null);

    [Test]
    public void A_device_that_is_not_here_has_no_known_use() =>
        Assert.That(DeviceUse.Of(new DriverDevice(0, "none", new Version(9, 0), 1 << 30, BusId: "ffff:ff:1f.7")), Is.Null);

    [Test]
    public void Libraries_are_found_with_a_version_or_not_at_all() =>
        Assert.That(CudaLibrary.Find().Select(library => library.Version), Is.All.Match(@"^\d+\.\d+\.\d+$"));

    [TestCase(120405, "12.4.5")]
    [TestCase(110903, "11.9.3")]
    [TestCase(90100, "9.1.0")]
    [TestCase(8902, "8.9.2")]
    public void A_version_is_read_from_its_number(long number, string expected) => Assert.That(CudaLibrary.Text(number), Is.EqualTo(expected));
}
