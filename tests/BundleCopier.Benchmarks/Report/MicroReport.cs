using System.Globalization;
using System.Text;
using BundleCopier.Benchmarks.Running;

namespace BundleCopier.Benchmarks.Report;

/// <summary>What one piece of work took.</summary>
/// <param name="Nanoseconds">The time of one, over the iterations.</param>
/// <param name="AllocatedBytes">What one allocated on the managed heap; null where nobody looked.</param>
public sealed record MicroFigure(Summary Nanoseconds, long? AllocatedBytes);

/// <summary>One way of doing it.</summary>
/// <param name="What">The way.</param>
/// <param name="Jit">What it took in the managed program; null where it was not measured.</param>
/// <param name="Native">What it took when compiled ahead of time; null where it was not measured.</param>
public sealed record MicroRow(string What, MicroFigure? Jit, MicroFigure? Native);

/// <summary>Ways of doing the same, between which something was decided.</summary>
/// <param name="Title">What is done.</param>
/// <param name="How">How, and what it decides.</param>
/// <param name="BytesAtOnce">How much each does it to, for a speed; null where a speed says nothing.</param>
/// <param name="Rows">The ways.</param>
public sealed record MicroGroup(string Title, string How, int? BytesAtOnce, IReadOnlyList<MicroRow> Rows);

/// <summary>docs/benchmarks/micro.md.</summary>
/// <param name="groups">What was measured.</param>
/// <param name="machine">Where.</param>
/// <param name="commandLine">What was typed.</param>
/// <param name="how">How often each was measured.</param>
/// <param name="nativeLack">Why nothing was compiled ahead of time; empty where it was.</param>
public sealed class MicroReport(IReadOnlyList<MicroGroup> groups, Machine machine, string commandLine, string how, string nativeLack)
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
            ? "`native` is compiled ahead of time as the program is: the same instruction set, and the profile for the codec.\n"
            : $"Native code was not measured: {nativeLack}.\n");
        foreach (MicroGroup group in groups)
            text.Append($"\n## {group.Title}\n\n{group.How}\n\n{Table(group)}");
        return text.ToString();
    }

    private MarkdownTable Table(MicroGroup group)
    {
        string[] figures = ["min", "max", group.BytesAtOnce is null ? "bytes allocated" : "MiB/s"];
        MarkdownTable table = new(1, ["µs each", "JIT, median", .. figures, .. HasNative ? ["native, median", .. figures] : Array.Empty<string>()]);
        foreach (MicroRow row in group.Rows)
            table.Add([row.What, .. Cells(row.Jit, group.BytesAtOnce), .. HasNative ? Cells(row.Native, group.BytesAtOnce) : []]);
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
                ? (size / (double)(1 << 20) / (figure.Nanoseconds.Median / 1e9)).ToString("0", CultureInfo.InvariantCulture)
                : figure.AllocatedBytes?.ToString(CultureInfo.InvariantCulture) ?? "",
        ];

    private static string Micros(double nanoseconds)
    {
        double micros = nanoseconds / 1e3;
        return micros.ToString(micros < 10 ? "0.00" : micros < 100 ? "0.0" : "0", CultureInfo.InvariantCulture);
    }
}
