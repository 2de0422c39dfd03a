using System.Reflection;
using BundleCopier.Native;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Restore;

/// <summary>The real kernel, but below one directory it refuses names that begin with "refused" (EILSEQ).</summary>
internal class RefusingKernel : DispatchProxy
{
    private object real = null!;
    private string? place; // null in a directory that refuses

    public static IMemoryKernel New(string directory)
    {
        IMemoryKernel kernel = Create<IMemoryKernel, RefusingKernel>();
        ((RefusingKernel)kernel).real = LinuxKernel.Instance;
        ((RefusingKernel)kernel).place = directory;
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
        bool refuses = place is null || (args is [string path, ..] && path == place);
        return refuses && returned is IoResult<IDirectory> opened && opened.Try(out IDirectory? directory, out _)
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
