using CudaTts.Compute;
using CudaTts.Compute.Cuda;
using CudaTts.Cuda;
using CudaTts.Tests.Emulation;
using CudaTts.Tests.Kernels;

namespace CudaTts.Tests.Compute;

/// <summary>Device memory that is lent again.</summary>
[TestFixture]
internal sealed class DeviceMemoryPoolTests
{
    private const string Allocation = "cuMemAlloc_v2";
    private const string Release = "cuMemFree_v2";
    private CudaContext _context = null!;
    private DeviceMemoryPool _pool = null!;

    [SetUp]
    public void Open()
    {
        _context = TestDevice.Open(Precision.Full).Context;
        _pool = new DeviceMemoryPool(_context) { Keeps = true };
    }

    [TearDown]
    public void Close() => _pool?.Dispose();

    [Test]
    public void Sizes_waste_a_fifth_at_most()
    {
        Assert.That(new[] { 0L, 1, 256, 257, 320, 321, 512, 513, 1 << 20, (1 << 20) + 1 }.Select(DeviceMemoryPool.SizeFor),
            Is.EqualTo(new[] { 256L, 256, 256, 320, 320, 384, 512, 640, 1 << 20, 5 << 18 }));
        for (var bytes = 257L; bytes < 64 << 20; bytes = (bytes * 9 / 8) + 1)
        {
            var size = DeviceMemoryPool.SizeFor(bytes);
            Assert.That(size, Is.InRange(bytes, bytes + (size / 5)));
            Assert.That(DeviceMemoryPool.SizeFor(size), Is.EqualTo(size));
        }
    }

    [Test]
    public void What_comes_back_is_lent_again_without_a_call()
    {
        var first = _pool.Borrow(1000);
        var address = first.Address;
        using (var second = _pool.Borrow(1000))
        {
            Assert.That(second.Address, Is.Not.EqualTo(address), "lent twice");
        }

        var calls = EmulatedDriver.CallsIn(
            () =>
            {
                first.Dispose();
                using var again = _pool.Borrow(900);
                using var other = _pool.Borrow(1001);
                Assert.That(new[] { again.Address, other.Address }, Does.Contain(address));
            },
            Allocation, Release);
        Assert.That(calls, Is.EqualTo(new[] { 0, 0 }));
    }

    [Test]
    public void What_is_lent_is_counted_until_it_comes_back()
    {
        var first = _pool.Borrow(5000);
        var second = _pool.Borrow(1);
        Assert.That((_pool.LentBytes, _pool.IdleBytes), Is.EqualTo((5120 + 256L, 0L)));

        first.Dispose();
        Assert.That((_pool.LentBytes, _pool.IdleBytes), Is.EqualTo((256L, 5120L)));
        second.Dispose();
        Assert.That((_pool.LentBytes, _pool.IdleBytes), Is.EqualTo((0L, 5376L)));
    }

    [Test]
    public void A_buffer_comes_back_once()
    {
        var device = TestDevice.Open(Precision.Full);
        var before = device.Memory.LentBytes;
        var buffer = device.Borrow(100);
        Assert.That(device.Memory.LentBytes, Is.GreaterThanOrEqualTo(before + 400));
        buffer.Dispose();
        buffer.Dispose();
        Assert.That(device.Memory.LentBytes, Is.EqualTo(before));
    }

    [Test]
    public void Where_faults_are_to_be_found_nothing_is_lent_again()
    {
        Assert.That(new DeviceMemoryPool(_context).Keeps, Is.EqualTo(!_context.IsEmulated));
        _pool.Keeps = false;
        var calls = EmulatedDriver.CallsIn(
            () =>
            {
                using var loan = _pool.Borrow(1000);
                Assert.That(loan.Bytes, Is.EqualTo(1000), "an access behind it is beyond the allocation");
            },
            Allocation, Release);
        Assert.That(calls, Is.EqualTo(new[] { 1, 1 }));
    }

    [Test]
    public void What_is_large_is_not_kept()
    {
        _pool.Borrow((64 << 20) + 1).Dispose();
        Assert.That(_pool.IdleBytes, Is.Zero);
        _pool.Borrow(64 << 20).Dispose();
        Assert.That(_pool.IdleBytes, Is.EqualTo(64 << 20));
    }

    [Test]
    public void Who_lacks_memory_gets_what_is_idle()
    {
        var lent = _pool.Borrow(2000);
        _pool.Borrow(1000).Dispose();
        Assert.That(_pool.IdleBytes, Is.EqualTo(1024));

        Assert.That(() => new CudaMemory(_context, _context.TotalMemory + 1),
            Throws.TypeOf<CudaException>().With.Property(nameof(CudaException.IsOutOfMemory)).True);

        Assert.That(_pool.IdleBytes, Is.Zero);
        Assert.That(() => lent.Address, Throws.Nothing, "what is lent stays");
        lent.Dispose();
    }

    [Test]
    public void Closing_frees_everything()
    {
        var lent = _pool.Borrow(2000);
        var other = _pool.Borrow(3000);
        _pool.Borrow(1000).Dispose();
        var calls = EmulatedDriver.CallsIn(_pool.Dispose, Allocation, Release);
        lent.Dispose();
        other.Dispose();
        Assert.That(calls, Is.EqualTo(new[] { 0, 3 }));
        Assert.That(() => new CudaMemory(_context, _context.TotalMemory + 1), Throws.TypeOf<CudaException>(), "a pool that is closed is not asked");
    }
}
