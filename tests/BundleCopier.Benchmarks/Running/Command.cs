namespace BundleCopier.Benchmarks.Running;

/// <summary>A program and its arguments.</summary>
public sealed record Command(params IReadOnlyList<string> Words)
{
    /// <summary>
    /// A command line of bash, which sees the arguments as $1, $2 and so on; a failure anywhere in a pipe is one of
    /// the whole.
    /// </summary>
    public static Command Shell(string script, params IReadOnlyList<string> arguments) =>
        new(["bash", "-o", "pipefail", "-c", script, "bash", .. arguments]);

    /// <inheritdoc/>
    public override string ToString() => string.Join(' ', Words);
}
