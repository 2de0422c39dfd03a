using System.Buffers.Binary;
using BundleCopier.Native;
using BundleCopier.Tests.EndToEnd;
using Xunit;
using static Tmds.Linux.LibC;
using Kernel = BundleCopier.Tests.EndToEnd.Kernel;

namespace BundleCopier.Tests.Native;

/// <summary>The rule for symbolic links in sources and destinations (docs/manifest.md), on the real kernel.</summary>
public sealed class LinkRuleTests : IDisposable
{
    private const uint Other = 65534;

    private readonly Workspace place = new();

    public void Dispose() => place.Dispose();

    [KernelTheory(Needs.Root)]
    [InlineData("root's", true)]
    [InlineData("another user's", false)]
    [InlineData("the group's", false)]
    [InlineData("all users'", false)]
    [InlineData("a user's of its ACL", false)]
    public void A_link_is_followed_only_below_directories_that_no_other_user_can_change(string whose, bool isFollowed)
    {
        string trusted = place.MakeTrusted();
        string target = Workspace.MakePrivate(Path.Combine(trusted, "target"));
        File.WriteAllText(Path.Combine(target, "file"), "x");
        string directory = Workspace.MakePrivate(Path.Combine(trusted, "directory"));
        string below = Workspace.MakePrivate(Path.Combine(directory, "below"));
        File.SetUnixFileMode(directory, (UnixFileMode)0x1ED); // 0755
        switch (whose)
        {
            case "another user's":
                Kernel.Own(directory, Other);
                break;
            case "the group's":
                File.SetUnixFileMode(directory, (UnixFileMode)0x1FD); // 0775
                break;
            case "all users'":
                File.SetUnixFileMode(directory, (UnixFileMode)0x3FF); // 1777
                break;
            case "a user's of its ACL":
                Kernel.SetXattr(directory, "system.posix_acl_access", WritableBy(Other));
                break;
        }

        foreach (string holder in (string[])[directory, below])
        {
            string link = Path.Combine(holder, "link");
            Directory.CreateSymbolicLink(link, target);
            File.CreateSymbolicLink(Path.Combine(holder, "file-link"), Path.Combine(target, "file"));
            int expected = isFollowed ? 0 : ELOOP;
            IoResult<ISourceFile> source = LinuxKernel.Instance.OpenSource(Path.Combine(holder, "file-link"));
            source.Value?.Dispose();
            IoResult<ISourceFile> through = LinuxKernel.Instance.OpenSource(Path.Combine(link, "file"));
            through.Value?.Dispose();
            IoResult<IDirectory> destination = LinuxKernel.Instance.OpenDirectory(link);
            destination.Value?.Dispose();
            Assert.Equal(
                (expected, expected, expected, expected),
                (source.Error.Code, through.Error.Code, destination.Error.Code,
                    LinuxKernel.Instance.ListNames(link, static _ => true).Error.Code));
        }

        LinuxKernel.Instance.Rest();
    }

    [KernelFact]
    public void Links_of_the_system_that_root_has_made_are_followed()
    {
        // /proc/self/fd is in a directory of this process's user, and in procfs no user makes links.
        foreach (string path in (string[])["/proc/self/root", "/proc/self/cwd"])
        {
            IoResult<IDirectory> opened = LinuxKernel.Instance.OpenDirectory(path);
            opened.Value?.Dispose();
            Assert.Equal(0, opened.Error.Code);
        }
    }

    // linux/posix_acl_xattr.h: a version, and entries of tag, permissions and user.
    private static byte[] WritableBy(uint user)
    {
        (ushort Tag, ushort Rights, uint Id)[] entries =
        [
            (0x01, 7, uint.MaxValue), (0x02, 7, user), (0x04, 5, uint.MaxValue), (0x10, 7, uint.MaxValue),
            (0x20, 5, uint.MaxValue),
        ];
        byte[] acl = new byte[4 + (8 * entries.Length)];
        BinaryPrimitives.WriteUInt32LittleEndian(acl, 2);
        for (int i = 0; i < entries.Length; i++)
        {
            Span<byte> at = acl.AsSpan(4 + (8 * i));
            BinaryPrimitives.WriteUInt16LittleEndian(at, entries[i].Tag);
            BinaryPrimitives.WriteUInt16LittleEndian(at[2..], entries[i].Rights);
            BinaryPrimitives.WriteUInt32LittleEndian(at[4..], entries[i].Id);
        }

        return acl;
    }
}
