using System.Reflection;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>The real kernel, but in each directory it refuses names that begin with "refused" (EILSEQ).</summary>
internal class RefusingKernel : DispatchProxy
{
    private object real = null!;

    public static IMemoryKernel New()
    {
        IMemoryKernel kernel = Create<IMemoryKernel, RefusingKernel>();
        ((RefusingKernel)kernel).real = LinuxKernel.Instance;
        return kernel;
    }

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        Type result = targetMethod!.ReturnType;
        bool isRefused = real is IDirectory
            && args!.OfType<string>().Any(static name => name.StartsWith("refused", StringComparison.Ordinal));
        if (isRefused)
            return result.GetMethod(nameof(IoResult.Failed), [typeof(int)])!.Invoke(null, [EILSEQ]);
        object? returned = targetMethod.Invoke(real, args);
        return returned is IoResult<IDirectory> opened && opened.Try(out IDirectory? directory, out _)
            ? IoResult<IDirectory>.Ok(Refusing(directory))
            : returned;
    }

    private static IDirectory Refusing(IDirectory directory)
    {
        IDirectory proxy = Create<IDirectory, RefusingKernel>();
        ((RefusingKernel)(object)proxy).real = directory;
        return proxy;
    }
}
