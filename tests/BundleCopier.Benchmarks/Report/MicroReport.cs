using System.Globalization;
using System.Text;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>The cost of one operation.</summary>
/// <param name="Nanoseconds">The time of one operation, over the iterations.</param>
/// <param name="AllocatedBytes">The managed memory that one operation allocated; null if not measured.</param>
public sealed record MicroFigure(Summary Nanoseconds, long? AllocatedBytes);

/// <summary>One way to do an operation.</summary>
/// <param name="What">The name of the way.</param>
/// <param name="Jit">Its cost in the managed program; null if not measured.</param>
/// <param name="Native">Its cost when compiled ahead of time; null if not measured.</param>
public sealed record MicroRow(string What, MicroFigure? Jit, MicroFigure? Native);

/// <summary>Several ways to do the same operation; a decision rests on them.</summary>
/// <param name="Title">The operation.</param>
/// <param name="How">How it is measured, and what it decides.</param>
/// <param name="BytesAtOnce">The bytes of one operation, for a speed; null if a speed says nothing.</param>
/// <param name="Rows">The ways.</param>
public sealed record MicroGroup(string Title, string How, int? BytesAtOnce, IReadOnlyList<MicroRow> Rows);

/// <summary>Writes docs/benchmarks/micro.md.</summary>
/// <param name="groups">The measured groups.</param>
/// <param name="machine">The machine.</param>
/// <param name="commandLine">The command that the user gave.</param>
/// <param name="how">How often each way was measured.</param>
/// <param name="nativeLack">Why nothing was compiled ahead of time; empty if it was.</param>
public sealed class MicroReport(
    IReadOnlyList<MicroGroup> groups, Machine machine, string commandLine, string how, string nativeLack)
{
    private bool HasNative => nativeLack is "";

    /// <inheritdoc/>
    public override string ToString()
    {
        StringBuilder text = new();
        text.Append("# Microbenchmarks\n\n");
        text.Append($"Written by `{commandLine}`. These [decisions](../decisions/README.md) rest on it:\n");
        text.Append("0017, 0018, 0019, 0022, 0024.\n\n");
        text.Append(machine.Table());
        text.Append($"\n{how}\n");
        text.Append(HasNative
            ? "`native` is compiled ahead of time like the program: same instruction set, same profile of the codec.\n"
            : $"Native code was not measured: {nativeLack}.\n");
        foreach (MicroGroup group in groups)
            text.Append($"\n## {group.Title}\n\n{group.How}\n\n{Table(group)}");
        return text.ToString();
    }

    private MarkdownTable Table(MicroGroup group)
    {
        string[] figures = ["min", "max", group.BytesAtOnce is null ? "bytes allocated" : "MiB/s"];
        string[] native = HasNative ? ["native, median", .. figures] : [];
        MarkdownTable table = new(1, ["µs each", "JIT, median", .. figures, .. native]);
        foreach (MicroRow row in group.Rows)
        {
            string[] cells = HasNative ? Cells(row.Native, group.BytesAtOnce) : [];
            table.Add([row.What, .. Cells(row.Jit, group.BytesAtOnce), .. cells]);
        }

        return table;
    }

    private static string[] Cells(MicroFigure? figure, int? bytes) => figure is null
        ? ["", "", "", ""]
        :
        [
            Micros(figure.Nanoseconds.Median),
            Micros(figure.Nanoseconds.Min),
            Micros(figure.Nanoseconds.Max),
            bytes is { } size
                ? MiBPerSecond(size, figure.Nanoseconds.Median)
                : figure.AllocatedBytes?.ToString(CultureInfo.InvariantCulture) ?? "",
        ];

    private static string MiBPerSecond(int bytes, double nanoseconds) =>
        (bytes / (double)(1 << 20) / (nanoseconds / 1e9)).ToString("0", CultureInfo.InvariantCulture);

    private static string Micros(double nanoseconds)
    {
        double micros = nanoseconds / 1e3;
        return micros.ToString(micros < 10 ? "0.00" : micros < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
    }
}
