namespace BundleCopier.Settings;

/// <summary>Whether the program gives up, before it copies, what it does not need for the copy.</summary>
public enum ProcessSandbox
{
    /// <summary>As far as the kernel can.</summary>
    Auto,

    /// <summary>It keeps everything that it was started with.</summary>
    Off,

    /// <summary>It copies nothing where a part of the sandbox is missing.</summary>
    Require,
}
