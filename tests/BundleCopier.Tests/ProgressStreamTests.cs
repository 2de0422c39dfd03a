using Xunit;

namespace BundleCopier.Tests;

public sealed class ProgressStreamTests
{
    [Fact]
    public async Task A_reader_gets_the_latest_progress_and_ends_with_the_copy()
    {
        ProgressStream stream = new();
        stream.Report(At(1));
        stream.Report(At(2));
        await using IAsyncEnumerator<CopyProgress> reader = stream.GetAsyncEnumerator();
        Assert.True(await reader.MoveNextAsync());
        Assert.Equal(2, reader.Current.FilesDone);
        ValueTask<bool> next = reader.MoveNextAsync();
        Assert.False(next.IsCompleted);
        stream.Report(At(3));
        Assert.True(await next);
        Assert.Equal(3, reader.Current.FilesDone);
        stream.Report(At(4));
        stream.End();
        Assert.True(await reader.MoveNextAsync());
        Assert.False(await reader.MoveNextAsync());
        await using IAsyncEnumerator<CopyProgress> late = stream.GetAsyncEnumerator();
        Assert.True(await late.MoveNextAsync());
        Assert.False(await late.MoveNextAsync());
    }

    [Fact]
    public async Task A_reader_that_is_cancelled_stops_waiting()
    {
        using CancellationTokenSource stop = new();
        await using IAsyncEnumerator<CopyProgress> reader = new ProgressStream().GetAsyncEnumerator(stop.Token);
        ValueTask<bool> next = reader.MoveNextAsync();
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(async () => await next);
    }

    private static CopyProgress At(int filesDone) =>
        new(CopyPhase.Copying, filesDone, 0, 9, 0, 0, 0, TimeSpan.Zero);
}
