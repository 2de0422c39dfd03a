namespace BundleCopier.Settings;

/// <summary>The I/O priority of the threads of a copy (ioprio_set(2)). Only bfq and mq-deadline use it.</summary>
public enum IoPriority
{
    /// <summary>As the program was started.</summary>
    Keep,

    /// <summary>The lowest level of the default class.</summary>
    Low,

    /// <summary>The idle class: disk time that no other process wants.</summary>
    Idle,
}
