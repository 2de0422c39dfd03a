using System.Diagnostics;
using System.Text;
using Microsoft.Win32.SafeHandles;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>Sources below /proc/PID that lead to another mount namespace or to a file without a name.</summary>
public sealed class ProcPathTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Root)]
    [InlineData("root")]
    [InlineData("cwd")]
    public void A_path_through_a_process_leads_to_the_file_that_the_process_sees(string link)
    {
        File.WriteAllText(place.Source("x"), "outside");
        using Process inside = Process.Start(new ProcessStartInfo(Tool.Find("unshare")!, [
            "--mount", "sh", "-c",
            $"mount -t tmpfs tmpfs {place.Memory} && cd {place.Memory} && printf inside > x && echo ready && read end"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        try
        {
            Assert.Equal("ready", inside.StandardOutput.ReadLine());
            string path = link == "root" ? $"root{place.Source("x")}" : "cwd/x";
            string manifest = place.Manifest(Workspace.Entry($"/proc/{inside.Id}/{path}"));
            Ended.Committed(0, place, Cli.Run("--manifest", manifest))["x"].IsWhole();
            Assert.Equal("inside", File.ReadAllText(place.Output("x")));
        }
        finally
        {
            inside.StandardInput.Close();
            Child.AwaitEnd(inside);
        }
    }

    [KernelFact(Needs.Root)]
    public void A_bundle_whose_destination_leads_through_a_process_is_where_the_process_sees_it()
    {
        SourceFile.Dense(place.Source("a"), 5000);
        using Process inside = Process.Start(new ProcessStartInfo(Tool.Find("unshare")!, [
            "--mount", "sh", "-c",
            $"mount -t tmpfs -o mode=700 tmpfs {place.Disk} && echo ready && read end && ls {place.Disk}"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        try
        {
            Assert.Equal("ready", inside.StandardOutput.ReadLine());
            string manifest = Path.Combine(place.Memory, "crash.json");
            File.WriteAllText(
                manifest,
                $$"""
                {"version":1,"bundle":"b","destination":"/proc/{{inside.Id}}/root{{place.Disk}}",
                 "files":[{"source":"{{place.Source("a")}}"}]}
                """);
            Ended.With(0, Cli.Run("--manifest", manifest));
            Assert.Empty(place.LeftInDestination);
            inside.StandardInput.WriteLine("end");
            Assert.Equal("b", inside.StandardOutput.ReadToEnd().Trim());
        }
        finally
        {
            inside.StandardInput.Close();
            Child.AwaitEnd(inside);
        }
    }

    [KernelFact]
    public void A_descriptor_of_an_unlinked_file_gives_that_file_and_not_one_with_the_name_of_the_link()
    {
        string path = place.Source("x");
        using FileStream unlinked = File.Create(path);
        unlinked.Write("unlinked"u8);
        unlinked.Flush();
        File.Delete(path);
        File.WriteAllText(path + " (deleted)", "planted");
        ReceiptView receipt = CopyDescriptor(unlinked.SafeFileHandle);
        receipt["x"].IsWhole();
        Assert.Equal("unlinked", File.ReadAllText(place.Output("x")));
    }

    [KernelFact]
    public void Memory_without_a_name_is_copied_and_never_called_stable()
    {
        using SafeFileHandle memory = Kernel.NamelessMemory("test");
        RandomAccess.Write(memory, "nameless"u8, 0);
        ReceiptView receipt = CopyDescriptor(memory);
        receipt["x"].IsWhole();
        Assert.False(receipt["x"].Stable);
        Assert.Equal("nameless", File.ReadAllText(place.Output("x")));
    }

    [KernelFact(Needs.Root)]
    public void A_mapping_of_a_process_gives_the_file_behind_it()
    {
        string path = place.Source("x");
        File.WriteAllBytes(path, Encoding.UTF8.GetBytes(new string('m', 8192)));
        using var mapped = System.IO.MemoryMappedFiles.MemoryMappedFile.CreateFromFile(path, FileMode.Open);
        using System.IO.MemoryMappedFiles.MemoryMappedViewAccessor view = mapped.CreateViewAccessor();
        File.Delete(path);
        string range = File.ReadLines("/proc/self/maps").First(line => line.Contains(path, StringComparison.Ordinal))
            .Split(' ')[0];
        string manifest = place.Manifest(Workspace.Entry($"/proc/{Environment.ProcessId}/map_files/{range}", "x"));
        Ended.Committed(0, place, Cli.Run("--manifest", manifest))["x"].IsWhole();
        Assert.Equal(new string('m', 8192), File.ReadAllText(place.Output("x")));
    }

    [KernelTheory]
    [InlineData("cwd/link")]
    [InlineData("fd/{0}/link")]
    public void A_link_below_a_directory_that_is_reached_through_a_process_is_refused(string path)
    {
        string below = Workspace.MakePrivate(place.Source("n"));
        File.CreateSymbolicLink(Path.Combine(below, "link"), SourceFile.Dense(place.Source("secret"), 5000));
        using Process inside = Process.Start(new ProcessStartInfo("sh", [
            "-c", $"cd {below}; exec 9<.; echo ready; read end"])
        {
            RedirectStandardOutput = true,
            RedirectStandardInput = true,
        })!;
        try
        {
            Assert.Equal("ready", inside.StandardOutput.ReadLine());
            string source = $"/proc/{inside.Id}/{path.Replace("{0}", "9", StringComparison.Ordinal)}";
            ReceiptView receipt = Ended.Committed(
                3, place, Cli.Run("--manifest", place.Manifest(Workspace.Entry(source, "x"))));
            Assert.Equal(("failed", "ELOOP"), (receipt["x"].Status, receipt["x"].Error));
        }
        finally
        {
            inside.StandardInput.Close();
            Child.AwaitEnd(inside);
        }
    }

    [KernelTheory]
    [InlineData("/proc/self/mem")]
    [InlineData("/proc/self/pagemap")]
    [InlineData("/proc/self/clear_refs")]
    [InlineData("/proc/self/maps")]
    [InlineData("/proc/self/ns/mnt")]
    [InlineData("/sys/kernel/mm/transparent_hugepage/enabled")]
    public void A_file_that_the_kernel_makes_up_fails(string source)
    {
        ReceiptView receipt = Ended.Committed(
            3, place, Cli.Run("--manifest", place.Manifest(Workspace.Entry(source, "x"))));
        Assert.Equal(("failed", "NOT_REGULAR"), (receipt["x"].Status, receipt["x"].Error));
    }

    private ReceiptView CopyDescriptor(SafeFileHandle file)
    {
        string source = $"/proc/{Environment.ProcessId}/fd/{file.DangerousGetHandle()}";
        return Ended.Committed(0, place, Cli.Run("--manifest", place.Manifest(Workspace.Entry(source, "x"))));
    }
}
