namespace BundleCopier.Receipt;

/// <summary>A mapping of a copied file by a process: enough to put it back in a debugger.</summary>
/// <param name="Pid">The process.</param>
/// <param name="Address">The first address, in hexadecimal: <c>0x7f1c40000000</c>.</param>
/// <param name="Protection">As in proc_pid_maps(5): <c>rw-s</c>.</param>
/// <param name="Offset">Where the mapping begins in the file, in bytes.</param>
/// <param name="Length">Its length in bytes.</param>
public sealed record ReceiptMapping(int Pid, string Address, string Protection, long Offset, long Length);

/// <summary>The mappings of a file.</summary>
/// <param name="Known">The first ones that were found.</param>
/// <param name="MoreCount">How many there are besides; null for none.</param>
internal sealed record ReceiptMappings(IReadOnlyList<ReceiptMapping> Known, int? MoreCount);
