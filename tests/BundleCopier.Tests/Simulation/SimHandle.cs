using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Simulation;

/// <summary>A handle that must be disposed exactly once and not be used afterwards.</summary>
internal abstract class SimHandle : IDisposable
{
    private bool isClosed;

    protected SimHandle(SimKernel kernel, string name)
    {
        Kernel = kernel;
        Name = name;
        kernel.Opened(this);
    }

    public string Name { get; }

    protected SimKernel Kernel { get; }

    public void Dispose()
    {
        if (isClosed)
            Kernel.AddViolation($"{this} was disposed twice");
        isClosed = true;
        Closing();
        Kernel.Closed(this);
    }

    public override string ToString() => $"{GetType().Name} {Name}";

    protected virtual void Closing()
    {
    }

    protected void AssertOpen()
    {
        if (!isClosed)
            return;
        Kernel.LateUses.Add(ToString());
        throw new ObjectDisposedException(ToString());
    }

    protected Errno Enter(SimOp op, long offset)
    {
        AssertOpen();
        return Kernel.Enter(op, Name, offset);
    }

    protected IoResult Misaligned(nint address, long length, long offset) =>
        Kernel.Broken($"{Name}: {length} bytes at {offset} from {address:x} are not aligned", EINVAL);
}
