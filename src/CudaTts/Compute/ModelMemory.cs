using CudaTts.Compute.Cpu;
using CudaTts.Compute.Cuda;
using CudaTts.Tensors;

namespace CudaTts.Compute;

/// <summary>
/// All that one model has in a device's memory: weights in the order in which the device reads them, and what is kept from one run to the next. The
/// model owns it and frees all of it at once. A device that is disposed first disposes of those that are left, whose models are of no use from then
/// on.
/// </summary>
internal abstract class ModelMemory : IDisposable
{
    // Runs read, disposing writes: so it waits for the runs under way, and throws instead of waiting for the run that it is called from.
    private readonly ReaderWriterLockSlim _runs = new(LockRecursionPolicy.SupportsRecursion);
    private readonly OwnedResources _owned = new();
    private bool _isDisposed;

    private protected ModelMemory(ComputeDevice device) => Device = device;

    /// <summary>What the exception of a late run names.</summary>
    public string Owner { get; set; } = nameof(ModelMemory);

    /// <summary>Where the model runs.</summary>
    public ComputeDevice Device { get; }

    /// <summary>
    /// What a model makes for this kind of device, where it is not written once over the operations of all. The decoder of Tacotron 2 and WaveNet's
    /// loop over samples are such: a device cannot make them, because it knows no models. So each kind of device is named here once, and one that is
    /// forgotten does not compile.
    /// </summary>
    /// <param name="onCpu">Makes it for the CPU.</param>
    /// <param name="onGpu">Makes it for a GPU.</param>
    public abstract T ForDevice<T>(Func<CpuModelMemory, T> onCpu, Func<CudaModelMemory, T> onGpu);

    /// <summary>Weights in the device's memory, as float32.</summary>
    public abstract Tensor Store(Tensor weights);

    /// <summary>Prepares a convolution.</summary>
    /// <param name="weight">[Cout, Cin, K].</param>
    /// <param name="bias">[Cout], or none.</param>
    /// <param name="dilation">Steps between taps.</param>
    /// <param name="padding">Zeros before and after the input.</param>
    public abstract Conv1dWeights PackConv1d(Tensor weight, Tensor? bias, int dilation, int padding);

    /// <summary>
    /// Prepares a network's first convolution, whose input is float32 on every device (<see cref="Workspace.Float32Sequence"/>): a log-mel that is
    /// rounded to half precision becomes another sound.
    /// </summary>
    public virtual Conv1dWeights PackFirstConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        PackConv1d(weight, bias, dilation, padding);

    /// <summary>
    /// Prepares a convolution that a model's time goes into. A device may compute it with fewer products, for which its weights take more memory and
    /// more time to prepare.
    /// </summary>
    public virtual Conv1dWeights PackCostlyConv1d(Tensor weight, Tensor? bias, int dilation, int padding) =>
        PackConv1d(weight, bias, dilation, padding);

    /// <summary>Prepares a transposed convolution.</summary>
    /// <param name="weight">[Cin, Cout, K].</param>
    /// <param name="bias">[Cout], or none.</param>
    /// <param name="stride">Output samples an input step.</param>
    /// <param name="padding">Samples cut from both ends of the output.</param>
    /// <param name="outputPadding">By how many less is cut from its end.</param>
    public abstract Conv1dWeights PackConvTranspose1d(Tensor weight, Tensor? bias, int stride, int padding, int outputPadding = 0);

    /// <summary>Prepares the residual blocks of one stage of HiFi-GAN.</summary>
    /// <param name="blocks">The layers of each block, from <see cref="PackConv1d"/> of the same device.</param>
    /// <param name="slope">Of every leaky ReLU.</param>
    public virtual ResidualBlockWeights PackResidualBlocks(ResidualLayer[][] blocks, float slope) => new(blocks, slope);

    /// <summary>Prepares one bidirectional LSTM layer (as PyTorch's LSTM with bidirectional=True).</summary>
    public abstract BidirectionalLstm PackLstm(LstmTensors forward, LstmTensors backward);

    /// <summary>Prepares a layer normalisation.</summary>
    /// <param name="scale">Often called gamma, [C].</param>
    /// <param name="shift">Often called beta, [C].</param>
    public virtual LayerNormWeights PackLayerNorm(Tensor scale, Tensor shift) => new(Store(scale), Store(shift));

    /// <summary>Prepares the heads of a self-attention.</summary>
    /// <param name="count">H.</param>
    /// <param name="width">D, the channels of a head.</param>
    /// <param name="relativeKeys">[2 W + 1, D], shared by the heads; none where there is nothing relative.</param>
    /// <param name="relativeValues">As much again.</param>
    public virtual AttentionHeads PackHeads(int count, int width, Tensor? relativeKeys = null, Tensor? relativeValues = null) =>
        new(count, relativeKeys is null ? null : Store(relativeKeys), relativeValues is null ? null : Store(relativeValues));

    /// <summary>Prepares a WaveNet layer.</summary>
    public abstract WaveNetLayerWeights PackWaveNetLayer(WaveNetLayerTensors tensors);

    /// <summary>A workspace that is kept between runs, of buffers for one sequence each.</summary>
    public Workspace.Kept KeepWorkspace(int buffers) => KeepWorkspace([.. Enumerable.Repeat(1, buffers)]);

    /// <summary>A workspace that is kept between runs.</summary>
    /// <param name="sequences">For each of its buffers how many sequences it holds side by side.</param>
    public Workspace.Kept KeepWorkspace(int[] sequences) => Own(new Workspace.Kept(Device, sequences));

    /// <summary>Disposes of something together with the model.</summary>
    public T Own<T>(T owned)
        where T : IDisposable => _owned.Add(owned);

    /// <summary>Begins a run, which must end on the thread that it has begun on; until then nothing is freed. A run may lie within another.</summary>
    /// <exception cref="ObjectDisposedException">The model has been disposed of.</exception>
    public RunScope BeginRun()
    {
        _runs.EnterReadLock();
        if (_isDisposed || Device.IsDisposed)
        {
            _runs.ExitReadLock();
            throw new ObjectDisposedException(_isDisposed ? Owner : Device.Name);
        }

        return new RunScope(_runs);
    }

    /// <summary>Waits for the runs under way and frees everything; more than once does nothing.</summary>
    /// <exception cref="LockRecursionException">This is called by a callback of a run, which would wait for itself.</exception>
    public void Dispose()
    {
        if (Device.IsOwnThread)
        {
            throw new LockRecursionException(
                $"Dispose of {Owner} was called by a callback of a run on its device: dispose when the run has returned.");
        }

        _runs.EnterWriteLock();
        try
        {
            if (!_isDisposed)
            {
                _isDisposed = true;
                try
                {
                    _owned.Dispose();
                }
                finally
                {
                    Free();
                }
            }
        }
        finally
        {
            _runs.ExitWriteLock();
        }
    }

    /// <summary>Frees the weights.</summary>
    private protected abstract void Free();

    /// <summary>A run under way.</summary>
    public readonly struct RunScope(ReaderWriterLockSlim runs) : IDisposable
    {
        /// <summary>Ends the run.</summary>
        public void Dispose() => runs.ExitReadLock();
    }
}
