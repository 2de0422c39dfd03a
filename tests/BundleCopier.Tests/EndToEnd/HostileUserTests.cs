using System.Diagnostics;
using System.IO.MemoryMappedFiles;
using System.Text;
using System.Text.Json.Nodes;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>
/// Root copies from a directory in which the user nobody makes files, too, as in /dev/shm. That user gets nothing into
/// the bundle that was not asked for, and cannot stop the copy.
/// </summary>
public sealed class HostileUserTests : IDisposable
{
    private const long MiB = 1 << 20;
    private const string Secret = "the secret of root";

    private readonly Workspace place = new();
    private readonly string shared;

    public HostileUserTests()
    {
        File.SetUnixFileMode(place.Memory, (UnixFileMode)0x1ED); // 0755: nobody passes through
        shared = Directory.CreateDirectory(place.Source("shm")).FullName;
        File.SetUnixFileMode(shared, (UnixFileMode)0x3FF); // 1777
        SourceFile.Dense(Shared("engine.heap"), MiB + 5);
    }

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Nobody)]
    public void A_planted_file_or_hard_link_that_a_pattern_matches_is_not_copied_unless_its_owner_is_named()
    {
        SourceFile.Dense(Shared("engine.linked"), 4096);
        Attacker.Run($"cd {shared}; echo planted >engine.evil; mkfifo engine.fifo; ln -s engine.heap engine.link");
        // fs.protected_hardlinks forbids it to nobody on most machines.
        Tool.Run("ln", Shared("engine.linked"), Shared("other-name"));
        string manifest = place.Manifest(Shared("engine.*"));
        CliResult dry = Cli.Run("--manifest", manifest, "--dry-run");
        Ended.With(3, dry);
        Ended.Says(dry, "engine.evil: UNTRUSTED: ");
        CliResult result = Cli.Run("--manifest", manifest);
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["engine.heap"].IsWhole();
        foreach (string name in (string[])["engine.evil", "engine.fifo", "engine.link", "engine.linked"])
            Assert.Equal(("failed", "UNTRUSTED"), (receipt[name].Status, receipt[name].Error));
        Ended.Says(result, "it belongs to the user 65534", "it has 2 names (hard links)", "\"owner\" in a manifest");

        foreach (JsonNode owner in (JsonNode[])["nobody", 65534])
        {
            Ended.With(3, Cli.Run("--manifest", OwnedManifest(owner, Shared("engine.*")), "--replace"));
            receipt = ReceiptView.Read(place);
            receipt["engine.evil"].IsWhole();
            Assert.Equal("UNTRUSTED", receipt["engine.linked"].Error);
        }

        string listed = place.Manifest(Shared("engine.evil"), Shared("engine.linked"));
        Ended.With(0, Cli.Run("--manifest", listed, "--replace"));
        CliResult unknown = Cli.Run("--manifest", OwnedManifest("nobodyy", Shared("*")), "--replace");
        Ended.With(2, unknown);
        Ended.Says(unknown, ".json: owner: \"nobodyy\" is no user of /etc/passwd");
    }

    [KernelFact(Needs.Nobody)]
    public void A_user_without_rights_copies_own_files_and_those_of_root_by_a_pattern()
    {
        File.SetUnixFileMode(Shared("engine.heap"), (UnixFileMode)0x1A4); // 0644
        Attacker.Run($"cd {shared}; echo mine >mine");
        Kernel.Own(SourceFile.Dense(Shared("strange"), 4096), 12345);
        foreach (string path in (string[])[place.Disk, place.Destination])
            Kernel.Own(path, Cli.NobodyId);
        ReceiptView receipt =
            Ended.Committed(3, place, Cli.RunAsNobody("--manifest", place.Manifest(Shared("*"))));
        Assert.Equal(
            [("engine.heap", null), ("mine", null), ("strange", "UNTRUSTED")],
            receipt.Files.Select(static f => (f.Name, f.Error)));
    }

    [KernelFact(Needs.Nobody)]
    public void A_name_that_is_planted_beside_a_pattern_costs_only_the_planted_file()
    {
        string other = Directory.CreateDirectory(place.Source("other")).FullName;
        SourceFile.Dense(Path.Combine(other, "engine.ring"), 5000);
        Attacker.Run($"cd {shared}; echo x >engine.ring; echo x >cache");
        string manifest = place.Manifest(
            Workspace.Entry(Shared("*")), Workspace.Entry(Path.Combine(other, "*")),
            Workspace.Entry(Shared("engine.heap"), "cache"));
        string any = place.Config("bundle-copier.source.trust = any");
        foreach (string[] options in (string[][])[[], ["--config", any, "--replace"]])
        {
            CliResult result = Cli.Run(["--manifest", manifest, .. options]);
            ReceiptView receipt = Ended.Committed(3, place, result);
            ILookup<string, string?> errors = receipt.Files.ToLookup(static f => f.Source, static f => f.Error);
            string code = options.Length == 0 ? "UNTRUSTED" : "NAME_TAKEN";
            Assert.Equal([code], errors[Shared("engine.ring")]);
            Assert.Equal([code], errors[Shared("cache")]);
            Assert.Equal([null, null], errors[Shared("engine.heap")]);
            Same.Bytes(Path.Combine(other, "engine.ring"), place.Output("engine.ring"));
            Same.Bytes(Shared("engine.heap"), place.Output("cache"));
        }
    }

    [KernelTheory(Needs.Nobody | Needs.Loop)]
    [InlineData("owner")]
    [InlineData("any")]
    public void Thousands_of_planted_names_take_neither_the_disk_nor_the_receipt_from_the_listed_files(string trust)
    {
        place.Mount("ext4", 64 * MiB);
        Attacker.Run(
            $"cd {shared}; n=$(printf %0235d 7); seq -f \"e-$n-%09.0f\" 1 25000 | xargs touch");
        string heap = SourceFile.Dense(place.Source("heap"), 40 * MiB);
        SourceFile.Dense(Shared("e-good"), 5000);
        CliResult result = Cli.Run(
            "--manifest", place.Manifest(Workspace.Entry(Shared("e-*")), Workspace.Entry(heap, priority: 10)),
            "--config", place.Config($"bundle-copier.source.trust = {trust}"));
        ReceiptView receipt = Ended.Committed(3, place, result);
        receipt["heap"].IsWhole();
        receipt["e-good"].IsWhole();
        Assert.Equal("LEFT_OUT", receipt["e-*"].Error);
        Assert.InRange(new FileInfo(Path.Combine(place.BundlePath, "receipt.json")).Length, 1, 7 * MiB);
    }

    [KernelFact(Needs.Nobody)]
    public void Locks_that_another_user_holds_stop_neither_a_copy_nor_reading_its_bundle()
    {
        string config = place.Config("bundle-copier.budget = 8MiB");
        string owned = OwnedManifest("nobody", Shared("engine.heap"));
        // Root lets nobody read them: a lock needs no other right.
        foreach (string path in (string[])[place.Disk, place.Destination])
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        File.SetUnixFileMode(Shared("engine.heap"), (UnixFileMode)0x1A4);
        using (Attacker.Locks(config, owned, Shared("engine.heap"), place.Destination, "/etc/passwd"))
            Ended.Committed(0, place, Cli.Run("--manifest", owned, "--config", config));
        string receipt = Path.Combine(place.BundlePath, "receipt.json");
        foreach (string path in (string[])[place.BundlePath, Path.Combine(place.BundlePath, "files")])
            File.SetUnixFileMode(path, (UnixFileMode)0x1ED);
        foreach (string path in (string[])[receipt, place.Output("engine.heap")])
            File.SetUnixFileMode(path, (UnixFileMode)0x1A4);
        using (Attacker.Locks(place.BundlePath, receipt, place.Output("engine.heap")))
        {
            Ended.With(0, place.Verify());
            Ended.With(0, Cli.Run("cat", place.BundlePath, "engine.heap", "--length", "1"));
            Ended.With(0, Cli.Run("extract", place.BundlePath, Path.Combine(place.Disk, "restored")));
        }
    }

    [KernelFact(Needs.Nobody | Needs.ForgetfulDisk)]
    public void Races_with_links_FIFOs_and_directories_bring_no_other_file_into_a_bundle()
    {
        string secrets = Workspace.MakePrivate(place.Source("secrets"));
        File.WriteAllText(Path.Combine(secrets, "victim"), Secret);
        File.SetUnixFileMode(Path.Combine(secrets, "victim"), (UnixFileMode)0x180);
        Attacker.Run(
            $"cd {shared}; echo mine >victim; ln -s {secrets}/victim link; mkfifo fifo; mkdir part; "
            + $"echo mine >part/victim; ln -s {secrets} away; ln -s /dev/zero zero");
        string manifest = place.Manifest(
            Workspace.Entry(Shared("victim"), "v"), Workspace.Entry(Shared("part/victim"), "w"),
            Workspace.Entry(Shared("part/*")), Workspace.Entry(Shared("*")));
        string config = place.Config("bundle-copier.source.trust = any");
        using Attacker first = Attacker.Swaps(shared, "victim", "link", "fifo", "zero");
        using Attacker second = Attacker.Swaps(shared, "part", "away");
        Stopwatch time = Stopwatch.StartNew();
        do
        {
            CliResult result = Cli.Run("--manifest", manifest, "--config", config);
            Assert.True(result.ExitCode is 0 or 3, $"{result}");
            foreach (string file in Directory.GetFiles(Path.Combine(place.BundlePath, "files")))
            {
                bool isHeap = Path.GetFileName(file) == "engine.heap";
                Assert.True(isHeap || File.ReadAllText(file) is "mine\n", $"{file} has what it must not have.");
            }

            Directory.Delete(place.BundlePath, recursive: true);
        }
        while (time.ElapsedMilliseconds < 1000);
    }

    // A FUSE server claims that its files are root's. The kernel knows who has mounted it.
    [KernelFact(Needs.Nobody | Needs.ForgetfulDisk)]
    public void Files_of_a_FUSE_filesystem_are_those_of_the_user_who_mounted_it()
    {
        foreach (uint user in (uint[])[0, Cli.NobodyId])
        {
            string directory = Workspace.MakePrivate(Path.Combine(place.Disk, $"by-{user}"));
            place.Destination = Workspace.MakePrivate(Path.Combine(directory, "out"));
            using HangingFilesystem mounted = new(directory, user);
            File.WriteAllText(Path.Combine(mounted.Behind, "engine.fuse"), "x");
            string pattern = Path.Combine(mounted.Point, "*");
            CliResult result = Cli.Run("--manifest", place.Manifest(pattern));
            ReceiptView receipt = Ended.Committed(user == 0 ? 0 : 3, place, result);
            Assert.Equal(user == 0 ? null : "UNTRUSTED", receipt["engine.fuse"].Error);
            if (user == 0)
                continue;
            Ended.Says(result, "the user 65534 has mounted its filesystem (FUSE)");
            Ended.With(0, Cli.Run("--manifest", OwnedManifest("nobody", pattern), "--replace"));
            Ended.With(0, Cli.Run("--manifest", place.Manifest($"{mounted.Point}/engine.fuse"), "--replace"));
        }
    }

    [KernelTheory(Needs.Nobody)]
    [InlineData("include \"{0}\"")]
    [InlineData("include file(\"{0}\")")]
    [InlineData("bundle-copier {{ include required(file(\"{0}\")) }}")]
    [InlineData("bundle-copier.budget = ${{?PATH}}")]
    [InlineData("bundle-copier.x = [a*b]")]
    public void A_configuration_of_another_user_includes_no_file_and_ends_soon(string text)
    {
        string secret = Path.Combine(place.Disk, "secret");
        File.WriteAllText(secret, $"{Secret} = 1");
        File.SetUnixFileMode(secret, (UnixFileMode)0x180);
        string config = Shared("evil.conf");
        Attacker.Run($"cat >{config} <<'END'\n{string.Format(null, text, secret)}\nEND");
        CliResult result = Cli.Run("--manifest", place.Manifest(Shared("engine.heap")), "--config", config);
        Ended.Refused(2, place, result, "evil.conf: line 1, column ");
        Assert.DoesNotContain(Secret, result.Errors, StringComparison.Ordinal);
    }

    [KernelTheory(Needs.Loop)]
    [InlineData("slab")]
    [InlineData("map")]
    public unsafe void Bytes_behind_the_end_of_a_file_do_not_reach_the_disk(string mode)
    {
        byte[] marker = Encoding.ASCII.GetBytes($"behind-the-end-{Guid.NewGuid():n}");
        string image = Path.Combine(place.Disk, "image0");
        place.Mount("ext4", 16 * MiB);
        string source = SourceFile.Dense(Shared("short"), 100);
        using (MemoryMappedFile mapped = MemoryMappedFile.CreateFromFile(source, FileMode.Open))
        using (MemoryMappedViewAccessor view = mapped.CreateViewAccessor())
        {
            byte* start = null;
            view.SafeMemoryMappedViewHandle.AcquirePointer(ref start);
            marker.CopyTo(new Span<byte>(start + 2000, marker.Length));
            view.SafeMemoryMappedViewHandle.ReleasePointer();
        }

        string config = place.Config(
            $"bundle-copier {{ reader.mode = {mode}, checksum = off, zero-detection = off }}");
        Ended.With(0, Cli.Run("--manifest", place.Manifest(source), "--config", config));
        Assert.Equal(100, new FileInfo(place.Output("short")).Length);
        Tool.Run("sync", "-f", place.Destination);
        Assert.True(File.ReadAllBytes(image).AsSpan().IndexOf(marker) < 0, "The bytes are on the disk.");
    }

    private string Shared(string name) => Path.Combine(shared, name);

    private string OwnedManifest(JsonNode owner, string source) => place.ManifestText(new JsonObject
    {
        ["version"] = 1,
        ["bundle"] = "b",
        ["destination"] = place.Destination,
        ["owner"] = owner.DeepClone(),
        ["files"] = new JsonArray(Workspace.Entry(source)),
    }.ToJsonString());
}
