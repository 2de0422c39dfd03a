using System.Reflection;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>The real kernel, but it allocates memory only a given number of times.</summary>
internal class ScarceKernel : DispatchProxy
{
    private int left;

    public static IMemoryKernel Of(int allocations)
    {
        IMemoryKernel kernel = Create<IMemoryKernel, ScarceKernel>();
        ((ScarceKernel)kernel).left = allocations;
        return kernel;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == nameof(IMemoryKernel.AllocateSlabs) && left-- <= 0)
            return IoResult<ISlabMemory>.Failed(ENOMEM);
        try
        {
            return targetMethod.Invoke(LinuxKernel.Instance, args);
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }
}
