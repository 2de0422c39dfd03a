using System.Text.RegularExpressions;
using Xunit;

namespace BundleCopier.Tests;

/// <summary>Rules for the source: the layers of the folders, and a few habits.</summary>
public sealed partial class HouseTests
{
    /// <summary>
    /// The folders of the engine, from the bottom to the top, and the folders that each one may use. They stand above
    /// it in this list, so there is no cycle. The root, with CopyEngine and CopyPreview, may use all of them.
    /// </summary>
    private static readonly (string Folder, string[] Uses)[] Arrows =
    [
        ("Model", []), // the vocabulary
        ("Native", ["Model"]), // system calls
        ("Observe", []), // metrics and tracing
        ("Faults", ["Model", "Native"]), // what can happen to files and bundles
        ("Input", ["Model"]), // errors in inputs, and names
        ("Settings", ["Model", "Input"]), // HOCON
        ("Manifest", ["Model", "Input"]), // what to copy
        ("Elf", ["Model"]), // the headers of cores
        ("Lz4", ["Model", "Faults"]), // the compressed format
        ("Memory", ["Model", "Native"]), // the budget
        ("Journal", ["Model", "Native", "Lz4"]), // what is on disk so far
        ("Receipt", ["Model", "Input"]), // what was copied
        ("Actors", ["Model", "Native", "Settings"]), // threads and dispatching
        ("Results", ["Faults", "Input", "Receipt"]), // how a copy ended, for embedders
        // Sources: list, open, find the data.
        ("Plan", ["Model", "Native", "Faults", "Input", "Settings", "Manifest", "Elf", "Lz4", "Receipt", "Actors"]),
        // What the stages hand to each other.
        ("Segments", ["Model", "Native", "Faults", "Lz4", "Memory", "Journal", "Actors", "Plan"]),
        ("Govern", ["Model", "Native", "Faults", "Settings", "Receipt", "Actors"]), // limits
        // Outputs.
        ("Write", ["Model", "Native", "Faults", "Input", "Settings", "Manifest", "Lz4", "Memory", "Journal", "Receipt",
            "Actors", "Results", "Plan", "Segments", "Govern", "Observe"]),
        // Segments to frames.
        ("Compress", ["Model", "Native", "Faults", "Lz4", "Memory", "Actors", "Segments", "Govern", "Write"]),
        // Sources to slabs.
        ("Read", ["Model", "Native", "Faults", "Memory", "Actors", "Plan", "Segments", "Govern", "Write",
            "Compress"]),
        // One copy from start to end.
        ("Supervise", ["Model", "Native", "Faults", "Input", "Settings", "Manifest", "Elf", "Lz4", "Memory", "Journal",
            "Receipt", "Results", "Actors", "Plan", "Segments", "Govern", "Write", "Compress", "Read", "Observe"]),
        // Extract and cat.
        ("Restore", ["Model", "Native", "Faults", "Input", "Manifest", "Lz4", "Memory", "Receipt", "Actors", "Plan",
            "Segments", "Write", "Read"]),
        ("Verify", ["Native", "Faults", "Input", "Receipt", "Actors", "Restore"]), // compare with the receipt
    ];

    private static readonly string Engine = Path.Combine(Repository.Folder, "src", "BundleCopier");

    [Fact]
    public void A_folder_uses_only_the_folders_that_the_list_names()
    {
        IEnumerable<string> folders = Directory.GetDirectories(Engine)
            .Select(static path => Path.GetFileName(path))
            .Where(static name => name is not ("bin" or "obj"));
        Assert.Equal(Arrows.Select(static a => a.Folder).Order(), folders.Order());
        List<string> wrong = [];
        foreach ((string folder, string[] uses) in Arrows)
        {
            foreach (string path in Sources(Path.Combine(Engine, folder)))
            {
                foreach (string used in UsedBy(path).Where(used => used != folder && !uses.Contains(used)))
                    wrong.Add($"{Relative(path)} uses {used}.");
            }
        }

        Assert.True(
            wrong.Count == 0,
            $"{string.Join('\n', wrong)}\nMove the type that is used to a lower folder, or the user to a higher "
            + $"one. Where the arrow is right, add it to {nameof(Arrows)} in this test, to a folder further up only.");
    }

    [Fact]
    public void No_folder_uses_the_types_of_the_root() => Forbid(
        Sources(Engine).Where(static path => Path.GetDirectoryName(path) != Engine),
        AnyTypeOf(Engine),
        "The root stands above all folders: move the type that is used to a folder.");

    [Fact]
    public void Only_folders_that_the_list_names_use_the_results_of_a_copy() => Forbid(
        Arrows.Where(static a => a.Folder != "Results" && !a.Uses.Contains("Results"))
            .SelectMany(static a => Sources(Path.Combine(Engine, a.Folder))),
        AnyTypeOf(Path.Combine(Engine, "Results")),
        $"These types have no namespace of their own, so {nameof(Arrows)} cannot see the use: add the arrow there.");

    [Fact]
    public void The_list_of_folders_has_no_arrow_upwards()
    {
        string[] order = [.. Arrows.Select(static a => a.Folder)];
        foreach ((string folder, string[] uses) in Arrows)
            Assert.All(uses, used => Assert.InRange(Array.IndexOf(order, used), 0, Array.IndexOf(order, folder) - 1));
    }

    [Fact]
    public void A_file_lies_in_the_folder_that_its_namespace_names()
    {
        foreach (string path in Sources(Engine))
        {
            string folder = Path.GetRelativePath(Engine, Path.GetDirectoryName(path)!);
            // Embedders need one namespace, so the public results are in the namespace of CopyEngine.
            string expected =
                folder is "." or "Results" ? "BundleCopier" : $"BundleCopier.{folder.Replace('/', '.')}";
            Assert.Contains($"namespace {expected};", File.ReadAllText(path), StringComparison.Ordinal);
        }
    }

    [Fact]
    public void System_calls_are_made_in_Native_alone() => Forbid(
        Sources(Path.Combine(Repository.Folder, "src"))
            .Where(static p => !p.Contains("/Native/", StringComparison.Ordinal)),
        new Regex(@"\b(DllImport|LibraryImport)\b|(?<![\w.])(syscall|open|openat|read|pread|write|pwrite|close|"
            + @"fsync|fdatasync|mmap|munmap|madvise|ioctl|fcntl|fstat|rename|unlink|kill|poll|sigaction)\((?!\d\))"),
        "Put the call behind the seam in src/BundleCopier/Native.");

    [Fact]
    public void The_engine_uses_no_Ask_and_waits_for_no_actor() => Forbid(
        Sources(Engine),
        new Regex(@"\.Ask[<(]|\.GetAwaiter\(\)\.GetResult|Thread\.Sleep|Task\.Delay"),
        "Send a message, and handle the answer as a message; time is a message, too.");

    [Fact]
    public void No_test_sleeps() => Forbid(
        Sources(Path.Combine(Repository.Folder, "tests", "BundleCopier.Tests"))
            .Where(static p => !p.EndsWith("HouseTests.cs", StringComparison.Ordinal)),
        new Regex(@"Thread\.Sleep|Task\.Delay"),
        "Wait for what the test needs, not for a time.");

    [Fact]
    public void No_line_is_longer_than_120_columns()
    {
        string[] folders = ["src", "tests", "scripts", "docs", "config", "samples", "packaging", ".ci"];
        IEnumerable<string> paths = folders
            .SelectMany(static folder => Files(Path.Combine(Repository.Folder, folder)))
            .Concat(Directory.EnumerateFiles(Repository.Folder))
            .Where(static path => Path.GetExtension(path) is ".cs" or ".hocon" or ".c" or ".sh" or ".md" or ""
                or ".csproj" or ".props" or ".service")
            // Written by a script.
            .Where(static path => !path.Contains("/packaging/completions/", StringComparison.Ordinal));
        string[] found = LongLines(paths);
        Assert.True(
            found.Length == 0, $"These lines are longer than 120 columns; break them:\n{string.Join('\n', found)}");
    }

    [Fact]
    public void Test_classes_that_documents_name_exist()
    {
        string tests = Path.Combine(Repository.Folder, "tests", "BundleCopier.Tests");
        HashSet<string> classes = [.. Sources(tests).Select(static path => Path.GetFileNameWithoutExtension(path))];
        string[] missing = [.. Files(Path.Combine(Repository.Folder, "docs"))
            .Concat(Directory.EnumerateFiles(Repository.Folder, "*.md"))
            .Where(static path => path.EndsWith(".md", StringComparison.Ordinal))
            .SelectMany(static path => TestClass().Matches(File.ReadAllText(path))
                .Select(match => (Name: match.Value, Document: Relative(path))))
            .Where(named => !classes.Contains(named.Name))
            .Select(static named => $"{named.Document} names {named.Name}, which does not exist.")];
        Assert.True(missing.Length == 0, string.Join('\n', missing));
    }

    [Fact]
    public void A_partial_class_is_one_because_a_generator_needs_it()
    {
        foreach (string path in Sources(Path.Combine(Repository.Folder, "src")))
        {
            string text = File.ReadAllText(path);
            if (!PartialType().IsMatch(text))
                continue;
            Assert.True(
                text.Contains("JsonSerializable", StringComparison.Ordinal)
                    || text.Contains("GeneratedRegex", StringComparison.Ordinal)
                    || text.Contains("LoggerMessage", StringComparison.Ordinal)
                || text.Contains("LibraryImport", StringComparison.Ordinal),
                $"{Relative(path)} has a partial type that no generator needs. "
                + "A type that is too long for one file is two types.");
        }
    }

    private static void Forbid(IEnumerable<string> paths, Regex what, string mend)
    {
        List<string> found = [];
        foreach (string path in paths)
        {
            string text = File.ReadAllText(path);
            foreach (Match match in what.Matches(text))
            {
                int line = text.AsSpan(0, match.Index).Count('\n') + 1;
                string start = text[(text.LastIndexOf('\n', match.Index) + 1)..match.Index].TrimStart();
                if (!start.StartsWith("//", StringComparison.Ordinal) || what.Options.HasFlag(RegexOptions.Multiline))
                    found.Add($"{Relative(path)}({line})");
            }
        }

        Assert.True(found.Count == 0, $"{mend}\n{string.Join('\n', found)}");
    }

    // One type a file, named as the file.
    private static Regex AnyTypeOf(string folder)
    {
        IEnumerable<string?> types = Directory.EnumerateFiles(folder, "*.cs").Select(Path.GetFileNameWithoutExtension);
        return new Regex($@"\b({string.Join('|', types)})\b");
    }

    private static string[] LongLines(IEnumerable<string> paths) =>
    [
        .. paths.SelectMany(static path => File.ReadLines(path)
            .Select((line, at) => (line, where: $"{Relative(path)}({at + 1})"))
            .Where(l => l.line.Length > 120 && !(path.EndsWith(".md", StringComparison.Ordinal) && MayBeLong(l.line)))
            .Select(static l => l.where)),
    ];

    // A row of a table, or one word that is longer than a line, such as a URL.
    private static bool MayBeLong(string markdown) =>
        markdown.StartsWith('|') || !markdown.Trim(' ', '-').Contains(' ');

    /// <summary>Folders that a file names: in its using lines, and in qualified names outside of comments.</summary>
    private static IEnumerable<string> UsedBy(string path)
    {
        string text = Comment().Replace(File.ReadAllText(path), "");
        return NamespaceUse().Matches(text).Concat(QualifiedName().Matches(text))
            .Select(static match => match.Groups["folder"].Value)
            .Where(static name => Arrows.Any(a => a.Folder == name))
            .Distinct();
    }

    private static IEnumerable<string> Sources(string folder) =>
        Files(folder).Where(static path => path.EndsWith(".cs", StringComparison.Ordinal));

    private static IEnumerable<string> Files(string folder) =>
        Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories)
        .Where(static path =>
            !path.Contains("/obj/", StringComparison.Ordinal) && !path.Contains("/bin/", StringComparison.Ordinal));

    private static string Relative(string path) => Path.GetRelativePath(Repository.Folder, path);

    [GeneratedRegex(@"^using (static )?BundleCopier\.(?<folder>[A-Z]\w+)\b", RegexOptions.Multiline)]
    private static partial Regex NamespaceUse();

    [GeneratedRegex(@"(?<![\w.""])(?<folder>[A-Z]\w+)\.[A-Z]")]
    private static partial Regex QualifiedName();

    [GeneratedRegex(@"^\s*//.*$", RegexOptions.Multiline)]
    private static partial Regex Comment();

    [GeneratedRegex(@"\b[A-Z]\w+Tests\b")]
    private static partial Regex TestClass();

    [GeneratedRegex(@"\bpartial (class|record|struct)\b")]
    private static partial Regex PartialType();
}
