namespace BundleCopier.Cli;

/// <summary>
/// What systemd calls the place of a process: it names control groups after units. What is not known is null.
/// </summary>
/// <param name="Unit">The unit.</param>
/// <param name="UserUnit">The unit of the user's own manager, which is a service itself.</param>
/// <param name="Slice">The slice that the unit is in.</param>
/// <param name="Session">The session of a login.</param>
/// <param name="OwnerUid">The user whose slice it is.</param>
internal sealed record UnitNames(string? Unit, string? UserUnit, string? Slice, string? Session, string? OwnerUid)
{
    private const string SliceEnd = ".slice";
    private const string RootSlice = "-.slice";
    private const string ServiceEnd = ".service";
    private const string ScopeEnd = ".scope";

    /// <summary>Reads the names.</summary>
    /// <param name="group">
    /// The path of the control group, such as <c>/system.slice/engine.service/worker</c>. What is below the unit is
    /// made by the unit, and says nothing.
    /// </param>
    public static UnitNames Of(string group)
    {
        // systemd puts "_" before a name that a controller of the kernel has, too.
        string[] parts =
            [.. group.Split('/', StringSplitOptions.RemoveEmptyEntries).Select(static p => p.TrimStart('_'))];
        int at = 0;
        string? unit = NextUnit(parts, ref at, out string? slice, out string? owner);
        if (unit is null)
            return new UnitNames(null, null, slice, null, owner);
        string? userUnit = Between(unit, "user@", ServiceEnd) is null ? null : NextUnit(parts, ref at, out _, out _);
        return new UnitNames(unit, userUnit, slice ?? RootSlice, Between(unit, "session-", ScopeEnd), owner);
    }

    private static string? NextUnit(string[] parts, ref int at, out string? slice, out string? owner)
    {
        (slice, owner) = (null, null);
        for (; at < parts.Length && parts[at].EndsWith(SliceEnd, StringComparison.Ordinal); at++)
        {
            slice = parts[at];
            owner = Between(slice, "user-", SliceEnd) ?? owner;
        }

        return at < parts.Length
            && (parts[at].EndsWith(ServiceEnd, StringComparison.Ordinal)
                || parts[at].EndsWith(ScopeEnd, StringComparison.Ordinal))
            ? parts[at++]
            : null;
    }

    private static string? Between(string name, string start, string end) =>
        name.Length > start.Length + end.Length
        && name.StartsWith(start, StringComparison.Ordinal)
        && name.EndsWith(end, StringComparison.Ordinal)
            ? name[start.Length..^end.Length]
            : null;
}
