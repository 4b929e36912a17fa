using System.Runtime.InteropServices;

namespace CudaTts.Cuda;

/// <summary>
/// Something of the driver's that this process owns. It holds its context open, so owners may be disposed in any order, twice, or not at all:
/// then the finaliser releases them.
/// </summary>
public abstract class CudaHandle : SafeHandle
{
    private bool _holdsContext;

    private protected CudaHandle(CudaContext context)
        : base(0, ownsHandle: true)
    {
        ArgumentNullException.ThrowIfNull(context);
        Context = context;
        context.Primary.DangerousAddRef(ref _holdsContext);
    }

    /// <summary>Where it was made.</summary>
    public CudaContext Context { get; }

    /// <inheritdoc/>
    public sealed override bool IsInvalid => handle == 0;

    /// <summary>Makes the context current and sees that this is still open; precedes every call of the driver.</summary>
    private protected void Enter()
    {
        ObjectDisposedException.ThrowIf(IsClosed, this);
        Context.MakeCurrent();
    }

    /// <summary>Gives the driver's object back, its context current. What the driver answers is of no use by then.</summary>
    private protected abstract void Release();

    /// <inheritdoc/>
    protected sealed override bool ReleaseHandle()
    {
        if (Context.Primary.MakeCurrent() == CUresult.Success)
        {
            Release();
        }

        return true;
    }

    /// <inheritdoc/>
    protected override void Dispose(bool disposing)
    {
        base.Dispose(disposing);
        if (_holdsContext)
        {
            _holdsContext = false;
            Context.Primary.DangerousRelease();
        }
    }
}
