using System.Runtime.InteropServices;

namespace CudaTts.Tests.Emulation;

/// <summary>
/// Kernels and calls that are wrong on purpose: each must be caught, with the result that hardware would give and a report that says where.
/// </summary>
[NonParallelizable]
public sealed partial class FaultTests
{
    private EmulatedDevice _device = null!;

    [SetUp]
    public void Open() => _device = new EmulatedDevice();

    [TearDown]
    public void Close() => _device?.Dispose();

    [TestCase(24, 4, "thread (4, 0, 0): writes byte 112 of an allocation of 100 bytes")]
    [TestCase(1_000_000_000, 1, "where there is no allocation")]
    [TestCase(int.MaxValue - 8, 1, "where there is no allocation")]
    [TestCase(int.MinValue, 1, "where there is no allocation")]
    [TestCase(-1025, 1, "thread (0, 0, 0): writes")]
    public void An_access_outside_of_an_allocation_names_thread_and_byte(int first, int threads, string expected)
    {
        var values = EmulatedDevice.Allocate(100);
        var result = _device.Launch("write_elements", 1, Math.Max(threads, 8), values, first);
        Expect(result, EmulatedDevice.IllegalAddress, "kernel write_elements, block (0, 0, 0)");
        Assert.That(EmulatedDevice.Report, Does.Contain(expected));
    }

    [TestCase(int.MinValue)]
    [TestCase(-1_000_000_000)]
    [TestCase(1_000_000_000)]
    [TestCase(int.MaxValue)]
    public void Nothing_else_of_the_process_lies_where_an_element_number_leads(int index)
    {
        const int readAndWrite = 3, privateAnonymousWithoutReplacing = 0x100022, exists = 17;
        var page = (nint)EmulatedDevice.Allocate(100) + (4 * (nint)index) & ~(nint)(Environment.SystemPageSize - 1);

        var mapping = MapMemory(page, 1, readAndWrite, privateAnonymousWithoutReplacing, -1, 0);

        var error = Marshal.GetLastPInvokeError();
        Assert.That((mapping, error), Is.EqualTo(((nint)(-1), exists)), "the address is the emulated device's");
    }

    [Test]
    public void The_last_element_may_be_written_and_the_next_may_not()
    {
        foreach (var bytes in new[] { 4, 16, 60, 4096, 4100 })
        {
            var values = EmulatedDevice.Allocate(bytes);
            EmulatedDevice.Check(_device.Launch("write_elements", 1, 1, values, bytes / 4 - 1));
        }

        var whole = EmulatedDevice.Allocate(4096);
        Expect(_device.Launch("read_element", 1, 1, whole, 1024, whole), EmulatedDevice.IllegalAddress,
            "reads byte 4096 of an allocation of 4096 bytes");
    }

    [TestCase(101, "behind the allocation of 101 bytes")]
    [TestCase(111, "behind the allocation of 101 bytes")]
    [TestCase(-1, "before the allocation of 101 bytes")]
    public void What_the_guard_page_does_not_see_the_canary_does(int index, string expected) =>
        Expect(_device.Launch("write_byte", 1, 1, EmulatedDevice.Allocate(101), index), EmulatedDevice.IllegalAddress, expected);

    [Test]
    public void A_freed_allocation_is_not_used()
    {
        var output = EmulatedDevice.Allocate(4);
        var freed = EmulatedDevice.Allocate(64);
        EmulatedDevice.Check(EmulatedDevice.Free(freed));
        Assert.That(_device.Launch("read_element", 1, 1, freed, 0, output), Is.EqualTo(EmulatedDevice.InvalidValue), "a stale pointer is refused");
        Assert.That(EmulatedDevice.Report, Does.Contain("argument 0").And.Contains("freed"));
        Expect(_device.Launch("read_address", 1, 1, freed, output), EmulatedDevice.IllegalAddress, "reads byte 0 of a freed allocation of 64 bytes");
    }

    [Test]
    public unsafe void Host_memory_is_for_kernels_where_it_is_mapped()
    {
        const uint mapped = 2;
        var allocate = (delegate* unmanaged<nint*, nuint, uint, int>)EmulatedDevice.Function("cuMemHostAlloc");
        var free = (delegate* unmanaged<nint, int>)EmulatedDevice.Function("cuMemFreeHost");
        var map = (delegate* unmanaged<ulong*, nint, uint, int>)EmulatedDevice.Function("cuMemHostGetDevicePointer_v2");
        nint host, plain;
        ulong device, none;
        EmulatedDevice.Check(allocate(&host, 100, mapped));
        EmulatedDevice.Check(allocate(&plain, 100, 0));
        EmulatedDevice.Check(map(&device, host, 0));
        Assert.That(map(&none, plain, 0), Is.EqualTo(EmulatedDevice.InvalidValue), "not mapped");
        Assert.That(map(&none, host, 1), Is.EqualTo(EmulatedDevice.InvalidValue), "there are no flags");

        EmulatedDevice.Check(_device.Launch("write_elements", 1, 25, device, 0));
        Assert.That(new ReadOnlySpan<float>((void*)host, 25).ToArray(), Is.All.EqualTo(1f));
        Assert.That(_device.Launch("write_elements", 1, 1, (ulong)plain, 0), Is.EqualTo(EmulatedDevice.InvalidValue));
        Assert.That(EmulatedDevice.Report, Does.Contain("a host allocation that is not mapped"));
        EmulatedDevice.Check(free(plain));
        Assert.That(free(plain), Is.EqualTo(EmulatedDevice.InvalidValue), "freed twice");
        Assert.That(EmulatedDevice.LiveAllocations, Is.EqualTo(1));
        Expect(_device.Launch("write_elements", 1, 1, device, 28), EmulatedDevice.IllegalAddress, "writes byte 112 of an allocation of 100 bytes");
    }

    [Test]
    public void A_null_pointer_is_named() =>
        Expect(_device.Launch("read_address", 1, 1, 8ul, EmulatedDevice.Allocate(4)), EmulatedDevice.IllegalAddress, "null pointer");

    [TestCase("load_float4", 1)]
    [TestCase("load_float4", 2)]
    [TestCase("load_half2", 1)]
    [TestCase("load_eight_halves", 4)]
    public void A_vector_is_loaded_from_a_multiple_of_its_size(string kernel, int first)
    {
        var values = EmulatedDevice.Allocate(new float[64]);
        var output = EmulatedDevice.Allocate(4);
        EmulatedDevice.Check(_device.Launch(kernel, 1, 1, values, 8, output));
        Expect(_device.Launch(kernel, 1, 1, values, first, output), EmulatedDevice.MisalignedAddress, "misaligned access");
    }

    [Test]
    public void A_vector_is_stored_to_a_multiple_of_its_size()
    {
        var values = EmulatedDevice.Allocate(new float[64]);
        EmulatedDevice.Check(_device.Launch("store_float4", 1, 1, values, 60));
        Expect(_device.Launch("store_float4", 1, 1, values, 3), EmulatedDevice.MisalignedAddress,
            "16 bytes at byte 12 of an allocation of 256 bytes");
    }

    [Test]
    public void Memory_that_nobody_wrote_is_not_a_number()
    {
        var values = EmulatedDevice.Allocate(257 * 4);
        EmulatedDevice.Write<float>(values, new float[256]);
        var output = EmulatedDevice.Allocate(4);
        EmulatedDevice.Check(_device.Launch("sum_elements", 1, 1, values, 256, output));
        Assert.That(EmulatedDevice.Read<float>(output, 1)[0], Is.Zero);
        EmulatedDevice.Check(_device.Launch("sum_elements", 1, 1, values, 257, output));
        Assert.That(EmulatedDevice.Read<float>(output, 1)[0], Is.NaN);
    }

    [TestCase(1)]
    [TestCase(31)]
    [TestCase(257)]
    public void What_a_launch_leaves_out_stays_poison(int count)
    {
        var values = EmulatedDevice.Allocate(count * 4);
        Assert.That(EmulatedDevice.CountPoison(values, count * 4), Is.EqualTo(count));
        EmulatedDevice.Check(_device.Launch("fill_all_but_the_last", 1, 64, values, count));
        Assert.That(EmulatedDevice.CountPoison(values, count * 4), Is.EqualTo(1));
    }

    [Test]
    public void Local_memory_has_an_end() =>
        Expect(_device.Launch("need_much_local_memory", 1, 1, EmulatedDevice.Allocate(new float[1]), 100_000), EmulatedDevice.LaunchFailed,
            "local memory");

    [TestCase(30, "outside of shared array values of 120 bytes")]
    [TestCase(-1, "outside of shared array values of 120 bytes")]
    [TestCase(32, "byte 128 of shared array values of 120 bytes")]
    public void An_overrun_of_a_shared_array_does_not_hit_the_next(int index, string expected)
    {
        var output = EmulatedDevice.Allocate(4);
        EmulatedDevice.Check(_device.Launch("write_shared", 1, 32, 29, output));
        Expect(_device.Launch("write_shared", 1, 32, index, output), EmulatedDevice.IllegalAddress, expected);
    }

    [Test]
    public void Dynamic_shared_memory_ends_where_the_launch_says()
    {
        var output = EmulatedDevice.Allocate(4);
        EmulatedDevice.Check(_device.LaunchShared("write_dynamic_shared", 1, 1, 64, 15, output));
        Expect(_device.LaunchShared("write_dynamic_shared", 1, 1, 64, 16, output), EmulatedDevice.IllegalAddress,
            "byte 64 of shared array (dynamic) of 64 bytes");
    }

    [Test]
    public void Dynamic_shared_memory_that_the_launch_forgets_is_none() =>
        Expect(_device.Launch("write_dynamic_shared", 1, 1, 0, EmulatedDevice.Allocate(4)), EmulatedDevice.IllegalAddress,
            "shared array (dynamic) of 0 bytes");

    [Test]
    public void More_static_shared_memory_than_there_is_fails() =>
        Expect(_device.Launch("declare_much_shared_memory", 1, 32, EmulatedDevice.Allocate(4)), EmulatedDevice.InvalidValue, "static shared memory");

    [Test]
    public void Shared_memory_is_not_zero_at_first()
    {
        var output = EmulatedDevice.Allocate(new float[32]);
        EmulatedDevice.Check(_device.Launch("read_fresh_shared", 1, 32, output));
        Assert.That(EmulatedDevice.Read<float>(output, 32), Is.All.NaN);
    }

    [TestCase("reverse_without_barrier", 1)]
    [TestCase("rotate_without_second_barrier", 4)]
    public void A_missing_barrier_shows_in_the_result(string kernel, int rounds)
    {
        var before = Enumerable.Range(0, 256).Select(i => (float)i).ToArray();
        var values = EmulatedDevice.Allocate(before);
        var isReverse = kernel == "reverse_without_barrier";
        EmulatedDevice.Check(isReverse ? _device.Launch(kernel, 1, 256, values) : _device.Launch(kernel, 1, 256, values, rounds));
        var wanted = isReverse ? before.Reverse().ToArray() : before.Select((_, i) => before[(i + rounds) % 256]).ToArray();
        Assert.That(EmulatedDevice.Read<float>(values, 256), Is.Not.EqualTo(wanted));
    }

    [Test]
    public void An_asynchronous_copy_that_is_not_waited_for_shows_in_the_result()
    {
        var output = EmulatedDevice.Allocate(new float[32]);
        EmulatedDevice.Check(_device.Launch("copy_async_without_wait", 1, 32, EmulatedDevice.Allocate(new float[128]), output));
        Assert.That(EmulatedDevice.Read<float>(output, 32), Is.All.NaN);
    }

    [Test]
    public void An_asynchronous_copy_goes_to_shared_memory() =>
        Expect(_device.Launch("copy_async_to_global", 1, 1, EmulatedDevice.Allocate(16), EmulatedDevice.Allocate(16)), EmulatedDevice.IllegalAddress,
            "cp.async");

    [Test]
    public void Matrices_are_loaded_from_shared_memory() =>
        Expect(
            _device.Launch("load_matrices_from_global", 1, 32, EmulatedDevice.Allocate(512), EmulatedDevice.Allocate(128)),
                EmulatedDevice.IllegalAddress, "ldmatrix");

    [TestCase(1, "no wgmma_fence since")]
    [TestCase(2, "not called fence_async_proxy since")]
    [TestCase(4, "registers of the first matrix have been written")]
    [TestCase(5, "second matrix has been written before wgmma_wait")]
    [TestCase(6, "returns before wgmma_wait")]
    [TestCase(7, "reaches byte 2048 of dynamic shared memory of 2048 bytes")]
    [TestCase(8, "the threads of a warpgroup issue different products")]
    [TestCase(9, "swizzling mode")]
    [TestCase(10, "a thread of the warpgroup has returned")]
    [TestCase(11, "the accumulators have been written before wgmma_wait")]
    public void A_product_of_a_warpgroup_keeps_its_rules(int mistake, string expected)
    {
        const int outsideOfMemory = 7;
        Assert.That(MultiplyWarpgroup(0), Is.All.EqualTo(16f));
        Expect(LaunchWarpgroup(mistake, out _), mistake == outsideOfMemory ? EmulatedDevice.IllegalAddress : EmulatedDevice.LaunchFailed, expected);
    }

    [Test]
    public void Sums_of_a_warpgroup_that_are_not_waited_for_are_not_numbers() => Assert.That(MultiplyWarpgroup(3), Is.All.NaN);

    [TestCase("return_before_barrier", 63, "which thread (63, 0, 0) does not reach: it has returned")]
    [TestCase("return_before_barrier", 1, "which thread (1, 0, 0) does not reach")]
    [TestCase("barrier_for_some", 33, "__syncthreads")]
    [TestCase("different_barriers", 32, "while others wait for it at the __syncthreads")]
    public void A_barrier_is_reached_by_all_threads(string kernel, int count, string expected)
    {
        var values = EmulatedDevice.Allocate(new float[64]);
        EmulatedDevice.Check(_device.Launch(kernel, 1, 64, values, 64));
        Expect(_device.Launch(kernel, 1, 64, values, count), EmulatedDevice.LaunchFailed, expected);
    }

    [Test]
    public void A_shuffle_is_reached_by_all_lanes_that_it_names()
    {
        var values = EmulatedDevice.Allocate(new float[64]);
        Expect(
            _device.Launch("shuffle_without_a_lane", 1, 64, values, 37), EmulatedDevice.LaunchFailed,
            "waits at the shuffle of common.cuh");
        Assert.That(EmulatedDevice.Report, Does.Contain("thread (37, 0, 0) does not reach: it has returned"));
    }

    [TestCase(20)]
    [TestCase(33)]
    public void A_warp_that_is_not_whole_cannot_shuffle_with_all_lanes(int threads) =>
        Expect(
            _device.Launch("shuffle_all", 1, threads, EmulatedDevice.Allocate(new float[64])), EmulatedDevice.LaunchFailed,
                "names lanes that the block does not have");

    [TestCase(0x0000FFFFu, 3, "does not name its own lane 16")]
    [TestCase(0xFFFFFFFEu, 3, "does not name its own lane 0")]
    public void A_mask_names_who_uses_it(uint mask, int source, string expected) =>
        Expect(_device.Launch("shuffle_with_mask", 1, 32, EmulatedDevice.Allocate(new float[32]), mask, source), EmulatedDevice.LaunchFailed,
            expected);

    [Test]
    public void A_shuffle_reads_lanes_that_its_mask_names()
    {
        var values = EmulatedDevice.Allocate(new float[32]);
        EmulatedDevice.Check(_device.Launch("shuffle_with_mask", 1, 16, values, 0xFFFFu, 3));
        Expect(_device.Launch("shuffle_with_mask", 1, 16, values, 0xFFFFu, 20), EmulatedDevice.LaunchFailed, "reads lane 20");
    }

    [Test]
    public void Lanes_that_meet_do_the_same() =>
        Expect(_device.Launch("shuffle_meets_vote", 1, 32, EmulatedDevice.Allocate(new float[32])), EmulatedDevice.LaunchFailed,
            "while others wait for it at the shuffle");

    [Test]
    public void Blocks_that_all_wait_are_a_deadlock_at_once()
    {
        var flag = EmulatedDevice.Allocate(new uint[1]);
        Expect(_device.LaunchCooperative("wait_for_nobody", 6, 64, flag), EmulatedDevice.LaunchTimeout, "all blocks wait for memory");
    }

    [TestCase(0u)]
    [TestCase(3u)]
    public void A_barrier_of_the_grid_is_reached_by_all_blocks(uint missing)
    {
        var counter = EmulatedDevice.Allocate(new uint[1]);
        EmulatedDevice.Check(_device.LaunchCooperative("grid_barrier_without_a_block", 4, 64, counter, 99u));
        Expect(_device.LaunchCooperative("grid_barrier_without_a_block", 4, 64, counter, missing), EmulatedDevice.LaunchTimeout,
            "all blocks wait for memory");
    }

    [TestCase("pause_for_nobody", "waits for memory at common.cuh")]
    [TestCase("loop_for_nobody", "loops without end")]
    public void A_loop_without_end_ends(string kernel, string expected)
    {
        EmulatedDevice.SetPatience(0.05);
        Expect(_device.LaunchCooperative(kernel, 3, 32, EmulatedDevice.Allocate(new uint[1])), EmulatedDevice.LaunchTimeout, expected);
    }

    [Test]
    public void An_assertion_says_where()
    {
        EmulatedDevice.Check(_device.Launch("assert_less", 1, 32, 3, 4));
        Expect(_device.Launch("assert_less", 1, 32, 4, 4), EmulatedDevice.Assert, "index < limit");
    }

    [Test]
    public void A_trap_ends_the_launch() => Expect(_device.Launch("trap", 1, 32), EmulatedDevice.LaunchFailed, "__trap()");

    [Test]
    public void After_a_fault_every_call_fails_until_the_reset()
    {
        var values = EmulatedDevice.Allocate(16);
        var kernel = _device.Kernel("write_elements");
        var fault = _device.Launch("write_elements", 1, 1, values, 4);
        Assert.That(fault, Is.EqualTo(EmulatedDevice.IllegalAddress));
        Assert.That(EmulatedDevice.Synchronize(), Is.EqualTo(fault), "synchronize");
        Assert.That(EmulatedDevice.Free(values), Is.EqualTo(fault), "free");
        Assert.That(EmulatedDevice.LaunchFunction(kernel, (1, 1, 1), (1, 1, 1), 0, 0, false, values, 0), Is.EqualTo(fault), "launch");
        using var fresh = new EmulatedDevice();
        EmulatedDevice.Check(fresh.Launch("write_elements", 1, 1, EmulatedDevice.Allocate(16), 3));
    }

    [Test]
    public void Other_peoples_faults_stay_theirs()
    {
        EmulatedDevice.Check(_device.Launch("write_elements", 1, 1, EmulatedDevice.Allocate(16), 0));
        string? nothing = Environment.GetEnvironmentVariable("CUDATTS_NO_SUCH_VARIABLE");
        Assert.That(() => nothing!.Length, Throws.InstanceOf<NullReferenceException>());
        Assert.That(() => 1 / (nothing is null ? 0 : 1), Throws.InstanceOf<DivideByZeroException>());
    }

    // What a call may refuse without harm: the context stays usable.

    [TestCase(0, 32)]
    [TestCase(1, 0)]
    [TestCase(1, 1025)]
    [TestCase(-1, 32)]
    public void An_impossible_launch_is_refused(int grid, int block)
    {
        var result = _device.Launch("write_elements", grid, block, EmulatedDevice.Allocate(16), 0);
        Expect(result, EmulatedDevice.InvalidValue, "is not possible");
        Assert.That(EmulatedDevice.Synchronize(), Is.Zero);
    }

    [Test]
    public unsafe void Dynamic_shared_memory_beyond_48_KB_must_be_asked_for()
    {
        var output = EmulatedDevice.Allocate(4);
        EmulatedDevice.Check(_device.LaunchShared("write_dynamic_shared", 1, 1, 48 * 1024, 0, output));
        Expect(_device.LaunchShared("write_dynamic_shared", 1, 1, 48 * 1024 + 16, 0, output), EmulatedDevice.InvalidValue, "cuFuncSetAttribute");
        var setAttribute = (delegate* unmanaged<nint, int, int, int>)EmulatedDevice.Function("cuFuncSetAttribute");
        var kernel = _device.Kernel("write_dynamic_shared");
        Assert.That(setAttribute(kernel, 8, 227 * 1024 + 16), Is.EqualTo(EmulatedDevice.InvalidValue), "more than the device has");
        EmulatedDevice.Check(setAttribute(kernel, 8, 100 * 1024));
        EmulatedDevice.Check(_device.LaunchShared("write_dynamic_shared", 1, 1, 100 * 1024, 25_599, output));
        Assert.That(_device.LaunchShared("write_dynamic_shared", 1, 1, 100 * 1024 + 16, 0, output), Is.EqualTo(EmulatedDevice.InvalidValue));
    }

    [Test]
    public unsafe void A_cooperative_grid_must_fit_the_device()
    {
        int multiprocessors, blocks;
        EmulatedDevice.Check(((delegate* unmanaged<int*, int, int, int>)EmulatedDevice.Function("cuDeviceGetAttribute"))(&multiprocessors, 16, 0));
        EmulatedDevice.Check(
            ((delegate* unmanaged<int*, nint, int, nuint, int>)EmulatedDevice.Function("cuOccupancyMaxActiveBlocksPerMultiprocessor"))(
            &blocks, _device.Kernel("grid_barrier_without_a_block"), 1024, 0));
        Assert.That((multiprocessors, blocks), Is.EqualTo((132, 2)));
        var counter = EmulatedDevice.Allocate(new uint[1]);
        EmulatedDevice.Check(_device.LaunchCooperative("grid_barrier_without_a_block", 16, 1024, counter, 99u));
        Expect(_device.LaunchCooperative("grid_barrier_without_a_block", 265, 1024, counter, 99u), EmulatedDevice.CooperativeLaunchTooLarge,
            "only 264");
    }

    [Test]
    public void Missing_arguments_and_unknown_names_are_refused()
    {
        var result = _device.Launch("write_elements", 1, 1, EmulatedDevice.Allocate(16));
        Expect(result, EmulatedDevice.InvalidValue, "takes 2 arguments: argument 1 is missing");
        Assert.That(_device.TryKernel("no_such_kernel"), Is.EqualTo(EmulatedDevice.NotFound));
        Assert.That(EmulatedDevice.Report, Does.Contain("no_such_kernel"));
    }

    [TestCase(8, EmulatedDevice.InvalidValue)]
    [TestCase(12, 0)]
    [TestCase(16, 0)]
    [TestCase(24, EmulatedDevice.InvalidValue)]
    public unsafe void A_buffer_of_arguments_has_their_size(int bytes, int expected)
    {
        var buffer = stackalloc ulong[3] { EmulatedDevice.Allocate(16), 0, 0 };
        var size = (nuint)bytes;
        var extra = stackalloc nint[5] { 1, (nint)buffer, 2, (nint)(&size), 0 };
        var result = ((delegate* unmanaged<nint, int, int, int, int, int, int, int, nint, void**, nint*, int>)EmulatedDevice.Function(
            "cuLaunchKernel"))(
            _device.Kernel("write_elements"), 1, 1, 1, 1, 1, 1, 0, 0, null, extra);
        Assert.That(result, Is.EqualTo(expected), EmulatedDevice.Report);
    }

    [Test]
    public unsafe void What_is_no_handle_is_refused()
    {
        foreach (var name in new[] { "cuStreamDestroy_v2", "cuStreamSynchronize", "cuEventDestroy_v2", "cuEventSynchronize", "cuModuleUnload",
            "cuGraphDestroy", "cuGraphExecDestroy" })
        {
            Assert.That(((delegate* unmanaged<nint, int>)EmulatedDevice.Function(name))(0x1230), Is.EqualTo(EmulatedDevice.InvalidHandle), name);
        }

        Assert.That(EmulatedDevice.LaunchFunction(0x1230, (1, 1, 1), (1, 1, 1), 0, 0, false), Is.EqualTo(EmulatedDevice.InvalidHandle));
    }

    [Test]
    public void An_allocation_is_freed_once_and_counted()
    {
        Assert.That(EmulatedDevice.LiveAllocations, Is.Zero);
        var values = EmulatedDevice.Allocate(16);
        Assert.That(EmulatedDevice.LiveAllocations, Is.EqualTo(1));
        Assert.That(EmulatedDevice.Free(values + 4), Is.EqualTo(EmulatedDevice.InvalidValue), "the middle of an allocation");
        EmulatedDevice.Check(EmulatedDevice.Free(values));
        Expect(EmulatedDevice.Free(values), EmulatedDevice.InvalidValue, "freed allocation");
        Assert.That(EmulatedDevice.LiveAllocations, Is.Zero);
    }

    [Test]
    public unsafe void Memory_is_counted_and_ends()
    {
        nuint free, total, after;
        var information = (delegate* unmanaged<nuint*, nuint*, int>)EmulatedDevice.Function("cuMemGetInfo_v2");
        EmulatedDevice.Check(information(&free, &total));
        _ = EmulatedDevice.Allocate(1000);
        EmulatedDevice.Check(information(&after, &total));
        Assert.That(free - after, Is.EqualTo((nuint)1000));
        ulong address;
        var result = ((delegate* unmanaged<ulong*, nuint, int>)EmulatedDevice.Function("cuMemAlloc_v2"))(&address, after + 1);
        Expect(result, EmulatedDevice.OutOfMemory, "no memory");
    }

    [Test]
    public unsafe void A_copy_stays_within_an_allocation()
    {
        var values = EmulatedDevice.Allocate(16);
        var bytes = stackalloc byte[32];
        var toDevice = (delegate* unmanaged<ulong, void*, nuint, nint, int>)EmulatedDevice.Function("cuMemcpyHtoDAsync_v2");
        EmulatedDevice.Check(toDevice(values + 4, bytes, 12, 0));
        Expect(toDevice(values + 4, bytes, 13, 0), EmulatedDevice.InvalidValue, "13 bytes at byte 4 of an allocation of 16 bytes");
        var fill = (delegate* unmanaged<ulong, uint, nuint, nint, int>)EmulatedDevice.Function("cuMemsetD32Async");
        EmulatedDevice.Check(fill(values, 7, 4, 0));
        Assert.That(fill(values, 7, 5, 0), Is.EqualTo(EmulatedDevice.InvalidValue));
        Assert.That(EmulatedDevice.Read<uint>(values, 4), Is.All.EqualTo(7u));
    }

    [LibraryImport("libc", EntryPoint = "mmap", SetLastError = true)]
    private static partial nint MapMemory(nint address, nuint bytes, int protection, int flags, int file, nint offset);

    private float[] MultiplyWarpgroup(int mistake)
    {
        EmulatedDevice.Check(LaunchWarpgroup(mistake, out var output));
        return EmulatedDevice.Read<float>(output, 128);
    }

    private int LaunchWarpgroup(int mistake, out ulong output)
    {
        const ushort one = 0x3C00;
        output = EmulatedDevice.Allocate(new float[128]);
        return _device.LaunchShared(
            "multiply_warpgroup", 1, 128, 2048, EmulatedDevice.Allocate(Enumerable.Repeat(one, 1024).ToArray()), output, mistake);
    }

    private static void Expect(int result, int expected, string report)
    {
        Assert.That(result, Is.EqualTo(expected), () => EmulatedDevice.Report);
        Assert.That(EmulatedDevice.Report, Does.Contain(report).And.Not.Contains("\n"));
    }
}
