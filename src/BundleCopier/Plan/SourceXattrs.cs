using BundleCopier.Receipt;

namespace BundleCopier.Plan;

/// <summary>The extended attributes of a source, as far as they fit into the receipt.</summary>
/// <param name="Values">Values by name; null for none.</param>
/// <param name="Omitted">What did not fit or could not be read; null for nothing.</param>
internal sealed record SourceXattrs(IReadOnlyDictionary<string, ReadOnlyMemory<byte>>? Values, OmittedXattrs? Omitted);
