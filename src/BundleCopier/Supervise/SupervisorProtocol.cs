namespace BundleCopier.Supervise;

/// <summary>What the supervisor is told by others than its crew.</summary>
internal static class SupervisorProtocol
{
    /// <summary>Take no new work, commit what is there.</summary>
    public sealed record CancelCopy
    {
        public static CancelCopy Instance { get; } = new();
    }

    /// <summary>Time has passed: tell how far the copy is.</summary>
    public sealed record ReportProgress
    {
        public static ReportProgress Instance { get; } = new();
    }

    /// <summary>The time that the flow asked to wait has passed.</summary>
    public sealed record Wake
    {
        public static Wake Instance { get; } = new();
    }

    /// <summary>The canary died, or has taken too long: nobody waits for it any more.</summary>
    public sealed record CanaryStopped
    {
        public static CanaryStopped Instance { get; } = new();
    }

    public sealed record CompressorStopped(int Compressor);

    public sealed record ReaderStopped(int Reader);

    public sealed record WriterStopped(int Writer);

    /// <summary>The scout or the keeper died, and with it the descriptors: the copy cannot go on.</summary>
    public sealed record OwnerStopped(string Who);
}
