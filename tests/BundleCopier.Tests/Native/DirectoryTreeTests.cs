using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;
using static Tmds.Linux.LibC;

namespace BundleCopier.Tests.Native;

/// <summary>Removing, measuring, exchanging and locking directories of the real kernel.</summary>
public sealed class DirectoryTreeTests : IDisposable
{
    private readonly Workspace place = new();
    private readonly IDirectory directory;

    public DirectoryTreeTests()
    {
        Assert.True(LinuxKernel.Instance.OpenDirectory(place.Destination).Try(out IDirectory? opened, out _));
        directory = opened;
    }

    public void Dispose()
    {
        directory.Dispose();
        place.Dispose();
    }

    [KernelFact]
    public void A_tree_is_removed_gently_with_large_sparse_and_small_files_and_links()
    {
        string top = Make("tree");
        SourceFile.Dense(Path.Combine(top, "large"), 40 << 20);
        using (FileStream sparse = File.Create(Path.Combine(Make("tree/below"), "sparse")))
        {
            sparse.SetLength(1L << 40);
            sparse.Write(new byte[20 << 20]);
        }

        File.WriteAllText(Path.Combine(top, "small"), "x");
        File.CreateSymbolicLink(Path.Combine(top, "link"), place.Memory);
        using IDirectory held = Open("tree");
        Assert.True(directory.RemoveGently("tree", held, static () => false).IsOk);
        Assert.Empty(place.LeftInDestination);
        Assert.True(Directory.Exists(place.Memory));
    }

    /// <summary>rename(2) replaces an empty directory, also one that another process has just made.</summary>
    [KernelFact(Needs.Nobody)]
    public void A_directory_that_another_user_renames_over_a_new_one_is_not_taken_for_the_new_one()
    {
        File.SetUnixFileMode(place.Disk, (UnixFileMode)0x1ED); // 0755
        File.SetUnixFileMode(place.Destination, (UnixFileMode)0x1FF); // 0777
        File.WriteAllText(Path.Combine(Make("saved"), "receipt.json"), "");
        string saved = Path.Combine(place.Destination, "saved");
        string made = Path.Combine(place.Destination, "new");
        using OtherUser other = OtherUser.Repeat(seed: 1, _ => OtherUser.Rename(saved, made));
        int refused = 0;
        for (int i = 0; i < 5_000 && refused < 10; i++)
        {
            if (directory.CreateDirectory("new").Try(out IDirectory? created, out Errno error))
            {
                using (created)
                    Assert.Empty(created.ListNames().Value ?? []); // null: the other user has removed it
            }
            else
            {
                Assert.Equal(EEXIST, error.Code);
                refused++;
            }

            // Only one of the two succeeds: the new directory is empty, the other one is not.
            OtherUser.Remove(made);
            OtherUser.Rename(made, saved);
        }
    }

    /// <summary>
    /// A server of files may take seconds for thousands of names. The stall guard must see that it works.
    /// </summary>
    [KernelTheory]
    [InlineData("remove", 30)]
    [InlineData("remove gently", 30)]
    [InlineData("measure", 30)]
    [InlineData("find foreign", 1)]
    [InlineData("list", 1)]
    public void A_walk_through_a_tree_shows_each_call_that_has_returned(string walk, int leastSteps)
    {
        string top = Make("tree");
        foreach (int i in Enumerable.Range(0, 30))
            File.WriteAllText(Path.Combine(top, $"{i}"), "");
        using IDirectory held = Open("tree");
        long before = WalkMark.OfThisThread.Steps;
        bool isOk = walk switch
        {
            "remove" => directory.RemoveTree("tree").IsOk,
            "remove gently" => directory.RemoveGently("tree", held, static () => false).IsOk,
            "measure" => directory.Measure("tree").Try(out _, out _),
            "find foreign" => directory.FindForeign("tree").Try(out _, out _),
            _ => directory.ListNames().Try(out _, out _),
        };
        Assert.True(isOk);
        Assert.InRange(WalkMark.OfThisThread.Steps - before, leastSteps, 200);
    }

    [KernelFact]
    public void A_file_with_another_name_keeps_its_bytes_there()
    {
        SourceFile.Dense(Path.Combine(Make("tree"), "large"), 40 << 20);
        string other = Path.Combine(place.Destination, "other");
        Tool.Run("ln", Path.Combine(place.Destination, "tree", "large"), other);
        byte[] before = File.ReadAllBytes(other);
        using IDirectory held = Open("tree");
        Assert.True(directory.RemoveGently("tree", held, static () => false).IsOk);
        Assert.True(before.AsSpan().SequenceEqual(File.ReadAllBytes(other)));
    }

    [KernelFact]
    public void A_removal_that_is_stopped_says_so()
    {
        SourceFile.Dense(Path.Combine(Make("tree"), "large"), 64 << 20);
        int questions = 0;
        using IDirectory held = Open("tree");
        Assert.Equal(ECANCELED, directory.RemoveGently("tree", held, () => ++questions > 3).Error.Code);
        Assert.Equal(["tree"], place.LeftInDestination);
    }

    [KernelFact]
    public void Another_directory_that_gets_the_name_during_the_removal_stays()
    {
        File.WriteAllText(Path.Combine(Make("tree"), "old"), "");
        File.WriteAllText(Path.Combine(Make("other"), "precious"), "");
        using IDirectory held = Open("tree");
        bool isExchanged = false;
        IoResult removed = directory.RemoveGently("tree", held, () =>
        {
            // Between the checks and the removal.
            isExchanged = isExchanged || directory.Exchange("tree", "other").IsOk;
            return false;
        });
        Assert.Equal((true, ESTALE), (isExchanged, removed.Error.Code));
        Assert.True(File.Exists(Path.Combine(place.Destination, "tree", "precious")));
        Assert.Empty(Directory.GetFiles(Path.Combine(place.Destination, "other")));
    }

    [KernelFact]
    public void A_tree_is_measured_by_its_space_and_its_last_change()
    {
        string file = Path.Combine(Make("tree/below"), "file");
        SourceFile.Dense(file, 1 << 20);
        DateTime late = new(2040, 1, 2, 3, 4, 5, DateTimeKind.Utc);
        File.SetLastWriteTimeUtc(file, late);
        Assert.True(directory.Measure("tree").Try(out TreeUse use, out _));
        Assert.InRange(use.AllocatedBytes, 1 << 20, (1 << 20) + (64 << 10));
        Assert.Equal(late, use.ModifiedAt);
        Assert.Equal(ENOENT, directory.Measure("nothing").Error.Code);
        Assert.True(directory.TotalBytes().Value > directory.FreeBytes().Value);
    }

    [KernelFact(Needs.Root)]
    public void A_tree_with_something_mounted_below_is_not_measured()
    {
        string point = Make("tree/mount");
        Tool.Run("mount", "--bind", place.Memory, point);
        try
        {
            Assert.Equal(EXDEV, directory.Measure("tree").Error.Code);
        }
        finally
        {
            Tool.Run("umount", point);
        }
    }

    [KernelFact]
    public void Two_names_are_exchanged()
    {
        File.WriteAllText(Path.Combine(Make("one"), "1"), "");
        File.WriteAllText(Path.Combine(place.Destination, "two"), "2");
        Assert.True(directory.Exchange("one", "two").IsOk);
        Assert.Equal("2", File.ReadAllText(Path.Combine(place.Destination, "one")));
        Assert.True(File.Exists(Path.Combine(place.Destination, "two", "1")));
        Assert.Equal(ENOENT, directory.Exchange("one", "three").Error.Code);
    }

    [KernelFact]
    public void A_shared_lock_keeps_out_only_an_exclusive_one()
    {
        Make("tree");
        using IDirectory reader = Open("tree");
        using IDirectory other = Open("tree");
        Assert.True(reader.LockShared().IsOk);
        Assert.True(other.LockShared().IsOk);
        Assert.Equal(EAGAIN, other.Lock().Error.Code);
        reader.Unlock();
        Assert.True(other.LockSoon().IsOk);
        Assert.Equal(EAGAIN, reader.LockShared().Error.Code);
    }

    private string Make(string name) => Workspace.MakePrivate(Path.Combine(place.Destination, name));

    private IDirectory Open(string name)
    {
        Assert.True(directory.OpenDirectory(name).Try(out IDirectory? opened, out _));
        return opened;
    }
}
