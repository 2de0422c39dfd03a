using System.Text;
using Xunit;

namespace BundleCopier.Tests.EndToEnd;

/// <summary>A real PostgreSQL under load, of which all processes crash at once.</summary>
[Collection(nameof(CorePattern))]
public sealed class PostgresTests : IDisposable
{
    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.CoreSocket | Needs.Postgres)]
    [InlineData("sysv")]
    [InlineData("mmap")]
    [Trait("Speed", "slow")]
    public void The_shared_buffers_are_in_the_bundle_of_each_process(string memory)
    {
        using RunningServer server = new RunningServer(place, "serve.crash-loop.max-crashes = 100").Start();
        using CorePattern pattern = new($"@@{server.CoreSocket}");
        using Postgres postgres = Postgres.Start(place, memory);
        postgres.Kill(Kernel.SigSegv);
        server.Program.Await(
            () => place.LeftInDestination.Count(static n => n[0] != '.') == postgres.Pids.Count, "all are saved");
        // A segment of System V outlives its processes.
        byte[]? truth = memory == "sysv" ? Segment(postgres.Segment) : null;
        foreach (string name in place.LeftInDestination.Where(static n => n != "segment"))
        {
            string bundle = Path.Combine(place.Destination, name);
            Ended.With(0, Cli.Run("verify", bundle));
            CoreMemory[] found = [.. CoreMemory.Of(bundle, Postgres.BufferBytes).Where(HasRows)];
            Assert.NotEmpty(found);
            truth ??= found[0].Bytes;
            // A mapping in a core ends with a page, and a segment may not.
            Assert.All(found, f => Assert.True(f.Bytes.AsSpan(0, truth.Length).SequenceEqual(truth), name));
        }
    }

    [KernelFact(Needs.CoreSocket | Needs.Postgres)]
    [Trait("Speed", "slow")]
    public void After_SIGKILL_the_segment_of_System_V_can_still_be_copied()
    {
        using Postgres postgres = Postgres.Start(place, "sysv");
        postgres.Kill(Kernel.SigKill);
        Assert.True(HasRows(new CoreMemory(0, Segment(postgres.Segment))));
    }

    private byte[] Segment(int id)
    {
        string manifest = place.ManifestText(
            $$"""
            { "version": 1, "bundle": "segment", "destination": "{{place.Destination}}",
              "files": [ { "sysv": {{id}} } ] }
            """);
        Ended.With(0, Cli.Run("--manifest", manifest));
        string bundle = Path.Combine(place.Destination, "segment");
        Ended.With(0, Cli.Run("verify", bundle));
        return File.ReadAllBytes(Assert.Single(Directory.GetFiles(Path.Combine(bundle, "files"))));
    }

    private static bool HasRows(CoreMemory memory) =>
        memory.Bytes.AsSpan().IndexOf(Encoding.ASCII.GetBytes(Postgres.Marker)) >= 0;
}
