namespace BundleCopier.Faults;

/// <summary>Why something is missing, in a few words for the last sentence of a run.</summary>
internal static class FaultReason
{
    public static string Of(Fault fault) => fault.Kind switch
    {
        FaultKind.SourceMissing => "there is no such file",
        FaultKind.SourceUnreadable => $"a source could not be opened ({fault.Code})",
        FaultKind.SourceNotRegular => "a source is not a regular file",
        FaultKind.SourceLinked => "a symbolic link is not followed",
        FaultKind.SourceUntrusted => "another user may have put a file there (source.trust)",
        FaultKind.SourcesLeftOut => "a pattern matches too much",
        FaultKind.SourceTooLarge => "a source is too large",
        FaultKind.SourceShrank => "a source became shorter",
        FaultKind.SourceGrew => "a source became longer",
        FaultKind.ReadFailed => $"a source could not be read ({fault.Code})",
        FaultKind.NotStream => "a source is no stream",
        FaultKind.StreamSilent => "nothing more came out of a stream",
        FaultKind.CoreCut => "a core ended before its end",
        FaultKind.ProcessGone => "a process has ended",
        FaultKind.MemoryForbidden => $"memory of a process needs a capability ({fault.Code})",
        FaultKind.EarlierOutputStays => "what an earlier copy left stays",
        FaultKind.NameTaken => "another file has the same name",
        FaultKind.CreateFailed => $"a file could not be created ({fault.Code})",
        FaultKind.WriteFailed => $"the destination could not be written ({fault.Code})",
        FaultKind.NoSpace => fault.Code == "EDQUOT" ? "the quota is used up" : "the disk is full",
        FaultKind.KeptFree => "the rest of the disk is kept free (destination.keep-free)",
        FaultKind.SyncFailed => $"the disk did not confirm what was written ({fault.Code})",
        FaultKind.Cancelled => "the copy was stopped",
        FaultKind.DeadlinePassed when fault.Detail.Length > 0 => $"the deadline of {fault.Detail} has passed",
        FaultKind.DeadlinePassed => "the deadline has passed",
        FaultKind.SourceHung => "the filesystem of a source did not answer",
        FaultKind.WorkerDied => "an internal error",
        _ => fault.Code,
    };
}
