using BundleCopier.Native;

namespace BundleCopier.Plan;

/// <summary>A fact about a process or about the machine, which becomes a small file of the bundle.</summary>
/// <param name="Name">Its path in the bundle: <c>facts/4711/maps</c>.</param>
/// <param name="Content">Its text, or what there is of it.</param>
/// <param name="IsCut">There is more than is kept.</param>
/// <param name="Error">Why it cannot be had; none where it can.</param>
internal sealed record GatheredFact(string Name, byte[] Content, bool IsCut, Errno Error);
