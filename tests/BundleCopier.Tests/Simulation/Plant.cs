namespace BundleCopier.Tests.Simulation;

/// <summary>Bugs that tests plant between the engine and the kernel, to see that the checks notice them.</summary>
public enum Plant
{
    None,

    /// <summary>fsync(2) of a file does nothing and reports success.</summary>
    FileSyncIsNeverMade,

    /// <summary>fsync(2) of a directory does nothing and reports success.</summary>
    DirectorySyncIsNeverMade,

    /// <summary>syncfs(2) does nothing and reports success.</summary>
    FilesystemSyncIsNeverMade,

    /// <summary>Directories are synced only after the bundle was renamed.</summary>
    RenameComesBeforeSync,

    /// <summary>The rename replaces what has the new name.</summary>
    RenameReplaces,

    /// <summary>A bundle is removed before the one that replaces it gets its name.</summary>
    ReplacedBundleGoesFirst,

    /// <summary>A sync that reports a lost write is taken for success.</summary>
    LostWriteIsForgotten,

    /// <summary>A write that fails is taken for success.</summary>
    FailedWriteIsForgotten,

    /// <summary>A write that was short is taken for whole.</summary>
    ShortWriteIsIgnored,

    /// <summary>To close a queue does not wait for its writes in flight.</summary>
    DyingWriterDoesNotWait,

    /// <summary>The end of a writer that dies (WriterActor.PostStop) does not wait for its writes in flight.</summary>
    DyingWriterLeavesItsWrites,

    /// <summary>No hole is punched, so what an earlier attempt wrote stays.</summary>
    StaleBytesStay,

    /// <summary>
    /// A write is called over while the kernel still reads its memory, so its lease goes back too early.
    /// </summary>
    MemoryIsGivenBackTooEarly,

    /// <summary>The read lease of a source is given back before its times are looked at.</summary>
    SourceLeaseIsGivenBackTooEarly,

    /// <summary>No lease is asked for at the release of a source.</summary>
    SourceLeaseIsNotAskedFor,

    /// <summary>The times of a source are not looked at when it is released.</summary>
    TimesAreNotLookedAt,

    /// <summary>A bundle is read back from the page cache, not from the disk.</summary>
    VerifyReadsThePageCache,
}
