using System.Text.Json;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Root copies to a destination in which another user may write.</summary>
public sealed class HostileDestinationTests : IDisposable
{
    private readonly Workspace place = new();

    public HostileDestinationTests()
    {
        SourceFile.Dense(place.Source("a"), 3 << 20);
        File.SetUnixFileMode(place.Disk, Mode(0x1ED)); // 0755
        File.SetUnixFileMode(place.Destination, Mode(0x3FF)); // 1777
    }

    public void Dispose() => place.Dispose();

    [KernelFact(Needs.Nobody)]
    public void A_name_that_another_user_takes_during_the_copy_costs_the_name_and_not_the_copy()
    {
        SourceFile.Dense(place.Source("z"), 64 << 20);
        // Another user can hold the lock of a directory that it may read.
        using SafeFileHandle locked = Kernel.Lock(place.Destination);
        using RunningCli cli = Cli.Start(
            ["--manifest", place.Manifest(place.Source("*")), "--json",
                "--config", place.Config("bundle-copier.writer.max-rate = 64 MiB")]);
        cli.FreezeWhen(() => File.Exists(Path.Combine(place.PartialPath, "files", "z")), "the last file is begun");
        OtherUser.Do(place.Destination, "mkdir b");
        cli.Thaw();
        CliResult result = cli.Wait();
        Ended.With(0, result);
        Ended.Says(result, "complete: " + place.BundlePath + ".1", "the bundle is b.1, because the name b was taken");
        Assert.Equal(["b", "b.1"], place.LeftInDestination.Order());
        string[] lines = result.Output.TrimEnd().Split('\n');
        Assert.Contains("""{"event":"renamed","wantedBundle":"b","bundle":"b.1"}""", lines);
        string stored = File.ReadAllText(Path.Combine(place.BundlePath + ".1", "receipt.json"));
        foreach (string text in (string[])[lines[^1], stored])
        {
            JsonElement receipt = JsonDocument.Parse(text).RootElement;
            Assert.Equal("b.1", receipt.GetProperty("bundle").GetString());
            Assert.Equal("b", receipt.GetProperty("wantedBundle").GetString());
        }

        Ended.With(0, Cli.Run("verify", place.BundlePath + ".1"));
    }

    [KernelTheory(Needs.Nobody)]
    [InlineData("mkdir b .b.partial")]
    [InlineData("ln -s /etc b; ln -s /etc .b.partial", "--replace")]
    [InlineData("touch b .b.partial; mkdir .b.1.partial", "--fresh")]
    public void Names_that_another_user_has_taken_before_do_not_stop_the_copy(string command, params string[] options)
    {
        OtherUser.Do(place.Destination, command);
        string[] before = place.LeftInDestination;
        CliResult dry = place.Copy(["--dry-run", .. options]);
        Ended.With(0, dry);
        Assert.Contains("another user has taken", dry.Output, StringComparison.Ordinal);
        CliResult result = place.Copy(options);
        Ended.With(0, result);
        Assert.Equal(["b.1"], place.LeftInDestination.Except(before));
        Ended.With(0, Cli.Run("verify", place.BundlePath + ".1"));
    }

    [KernelTheory(Needs.Nobody)]
    [InlineData("chmod 0777 out", "/out", "can be written by other users, and has no sticky bit")]
    [InlineData("chmod 0770 out", "It can be written", "chmod go-w")]
    [InlineData("chown 65534 out && chmod 0700 out", "It belongs to user 65534")]
    [InlineData("chmod 0755 out && chmod 0777 .", "The directory ", "can be written")]
    [InlineData("acl", "It can be written")]
    public void A_destination_in_which_another_user_can_rename_is_refused(string command, params string[] words)
    {
        if (command == "acl")
        {
            File.SetUnixFileMode(place.Destination, Mode(0x1C0));
            Kernel.SetXattr(place.Destination, "system.posix_acl_access", AclThatLets(Cli.NobodyId));
        }
        else
        {
            Tool.Run("sh", "-c", $"cd {place.Disk} && {command}");
        }

        foreach (string[] options in (string[][])[[], ["--dry-run"]])
            Ended.Refused(4, place, place.Copy(options), [.. words, "bundle-copier.destination.trust"]);
        Ended.With(0, place.Copy("--config", place.Config("bundle-copier.destination.trust = any")));
    }

    [KernelFact(Needs.Nobody | Needs.ForgetfulDisk)]
    public void A_destination_on_a_FUSE_filesystem_of_another_user_is_refused()
    {
        using HangingFilesystem mounted = new(place.Disk, Cli.NobodyId);
        place.Destination = mounted.Point;
        Ended.Refused(
            4, place, place.Copy(), "is on a filesystem that the user 65534 has mounted (FUSE)",
            "bundle-copier.destination.trust");
        Ended.With(0, place.Copy("--config", place.Config("bundle-copier.destination.trust = any")));
    }

    [KernelFact(Needs.Nobody)]
    public void A_user_may_copy_to_a_directory_of_its_own_group()
    {
        Kernel.Own(place.Source("a"), Cli.NobodyId);
        Kernel.Own(place.Memory, Cli.NobodyId);
        Kernel.Own(place.Destination, Cli.NobodyId);
        File.SetUnixFileMode(place.Destination, Mode(0x1FD)); // 0775
        string manifest = place.Manifest(place.Source("a"));
        Ended.With(0, Cli.RunAsNobody("--manifest", manifest));
        Kernel.SetXattr(place.Destination, "system.posix_acl_access", AclThatLets(0));
        Ended.Says(Cli.RunAsNobody("--manifest", manifest), "bundle-copier.destination.trust");
    }

    [KernelFact]
    public void A_finished_bundle_under_the_partial_name_is_never_removed()
    {
        Ended.With(0, place.Copy());
        string old = File.ReadAllText(Path.Combine(place.BundlePath, "receipt.json"));
        Directory.Move(place.BundlePath, place.PartialPath);
        foreach (string[] options in (string[][])[[], ["--fresh"], ["--replace"], ["--dry-run"]])
        {
            CliResult result = place.Copy(options);
            Ended.With(4, result);
            Ended.Says(result, $"{place.PartialPath} is the finished bundle b under another name", "mv");
        }

        Assert.Equal([".b.partial"], place.LeftInDestination);
        Assert.Equal(old, File.ReadAllText(Path.Combine(place.PartialPath, "receipt.json")));
        Ended.With(0, Cli.Run("verify", place.PartialPath));
    }

    [KernelFact(Needs.Nobody)]
    public void In_a_race_for_the_names_of_a_sticky_directory_each_copy_is_saved() =>
        Race(seed: 17, [], (random, paths) =>
        {
            string path = paths[random.Next(paths.Length)];
            if (random.Next(4) == 0)
                OtherUser.Link("/etc", path);
            else if (random.Next(2) == 0)
                OtherUser.MakeDirectory(path);
            else
                OtherUser.Remove(path);
        }, mustBeSaved: true);

    [KernelFact(Needs.Nobody)]
    public void In_a_race_of_renames_nothing_that_was_saved_is_lost()
    {
        File.SetUnixFileMode(place.Destination, Mode(0x1FF)); // 0777
        Race(
            seed: 18, ["--config", place.Config("bundle-copier.destination.trust = any")],
            static (random, paths) =>
                OtherUser.Rename(paths[random.Next(paths.Length)], paths[random.Next(paths.Length)]),
            mustBeSaved: false);
    }

    /// <summary>Copies for a second while the other user takes, removes or renames the names of the copy.</summary>
    private void Race(int seed, string[] options, Action<Random, string[]> step, bool mustBeSaved)
    {
        string[] paths = [.. ((string[])["b", ".b.partial", "b.1", ".b.1.partial", "b.2"])
            .Select(name => Path.Combine(place.Destination, name))];
        int saved = 0;
        int copies = 0;
        using (OtherUser other = OtherUser.Repeat(seed, random => step(random, paths)))
        {
            for (long end = Environment.TickCount64 + 1000; Environment.TickCount64 < end || copies < 3; copies++)
            {
                // A bundle that got its name would stop the next copy, rightly.
                if (mustBeSaved && File.Exists(Path.Combine(place.BundlePath, "receipt.json")))
                    Directory.Move(place.BundlePath, Path.Combine(place.Destination, $"saved-{copies}"));
                CliResult result = place.Copy(options);
                Assert.True(result.ExitCode == 0 || (!mustBeSaved && result.ExitCode == 4), $"seed {seed}: {result}");
                saved += result.ExitCode == 0 ? 1 : 0;
            }

            Assert.True(other.Steps > 100, "the other user did nothing");
        }

        // Root's own, whatever their names are by now. The other user can rename them, and not change what is in them.
        string[] bundles = [.. Directory.GetDirectories(place.Destination)
            .Where(static d => File.Exists(Path.Combine(d, "receipt.json")))];
        foreach (string bundle in bundles)
        {
            string receipt = File.ReadAllText(Path.Combine(bundle, "receipt.json"));
            if (receipt.Length > 0)
                Ended.With(0, Cli.Run("verify", bundle));
        }

        Assert.True(bundles.Length >= saved, $"seed {seed}: {saved} were saved, and {bundles.Length} are there");
    }

    // acl(5); fs/posix_acl.c: version 2, then tag, rights and id of each entry.
    private static byte[] AclThatLets(uint user)
    {
        (ushort Tag, ushort Rights, uint Id)[] entries =
        [
            (1, 7, uint.MaxValue), (2, 7, user), (4, 0, uint.MaxValue), (16, 7, uint.MaxValue),
            (32, 0, uint.MaxValue),
        ];
        return [.. BitConverter.GetBytes(2u), .. entries.SelectMany(static e => (byte[])
            [.. BitConverter.GetBytes(e.Tag), .. BitConverter.GetBytes(e.Rights), .. BitConverter.GetBytes(e.Id)])];
    }

    private static UnixFileMode Mode(int bits) => (UnixFileMode)bits;
}
