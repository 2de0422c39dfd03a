using System.Diagnostics;
using System.Reflection;
using BundleCopier.Native;

namespace BundleCopier.Tests.Supervise;

/// <summary>The real kernel, but some of its calls stand still until a test lets them go on.</summary>
internal class StuckKernel : DispatchProxy
{
    private readonly ManualResetEventSlim thawed = new();
    private string stuckCall = "";
    private string caller = "";
    private int failingRead;
    private int reads;
    private readonly TaskCompletionSource reached = new(TaskCreationOptions.RunContinuationsAsynchronously);

    /// <summary>Ends when a call stands still.</summary>
    public Task Reached => reached.Task;

    /// <summary>Writes in the background never end.</summary>
    public bool KeepsWrites { get; set; }

    /// <summary>Makes one.</summary>
    /// <param name="stuckCall">The method of <see cref="IMemoryKernel"/> that stands still.</param>
    /// <param name="caller">The class that calls it.</param>
    /// <param name="failingRead">The read of a source that throws; 0 for none.</param>
    public static (IMemoryKernel Kernel, StuckKernel Control) Of(string stuckCall, string caller, int failingRead = 0)
    {
        IMemoryKernel kernel = Create<IMemoryKernel, StuckKernel>();
        StuckKernel control = (StuckKernel)kernel;
        (control.stuckCall, control.caller, control.failingRead) = (stuckCall, caller, failingRead);
        return (kernel, control);
    }

    /// <summary>All calls go on.</summary>
    public void Thaw() => thawed.Set();

    protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
    {
        if (targetMethod!.Name == stuckCall && new StackTrace().ToString().Contains(caller, StringComparison.Ordinal))
            StandStill();
        if (KeepsWrites && targetMethod.Name == nameof(IKernel.OpenWriteQueue))
            return new StuckQueue(this);
        object? result = Call(LinuxKernel.Instance, targetMethod, args);
        return failingRead > 0 && result is IoResult<ISourceFile> opened
            && opened.Try(out ISourceFile? file, out _)
            ? IoResult<ISourceFile>.Ok(FailingSource.Of(file, () => Interlocked.Increment(ref reads) == failingRead))
            : result;
    }

    private static object? Call(object target, MethodInfo method, object?[]? args)
    {
        try
        {
            return method.Invoke(target, args);
        }
        catch (TargetInvocationException e)
        {
            throw e.InnerException!;
        }
    }

    private void StandStill()
    {
        reached.TrySetResult();
        thawed.Wait();
    }

    private class FailingSource : DispatchProxy
    {
        private ISourceFile inner = null!;
        private Func<bool> fails = static () => false;

        public static ISourceFile Of(ISourceFile inner, Func<bool> fails)
        {
            ISourceFile made = Create<ISourceFile, FailingSource>();
            (((FailingSource)made).inner, ((FailingSource)made).fails) = (inner, fails);
            return made;
        }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args) =>
            targetMethod!.Name == nameof(ISourceFile.Read) && fails()
                ? throw new InvalidOperationException("A bug of the test.")
                : Call(inner, targetMethod, args);
    }

    private sealed class StuckQueue(StuckKernel kernel) : IWriteQueue
    {
        private int added;

        public bool Add(int tag, IOutputFile output, ReadOnlySpan<MemoryPiece> pieces, long offset)
        {
            added++;
            return true;
        }

        public int Submit() => Interlocked.Exchange(ref added, 0);

        public int Collect(Span<EndedWrite> ended, bool wait) => 0;

        public void Dispose() => kernel.StandStill();
    }
}
