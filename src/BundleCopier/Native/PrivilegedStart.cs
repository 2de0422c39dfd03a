using static BundleCopier.Native.LibcSecurity;
using static Tmds.Linux.LibC;

namespace BundleCopier.Native;

/// <summary>
/// Tells whether the file of the program gave it privileges that its caller does not have: set-user-ID, set-group-ID or
/// file capabilities. The arguments and the environment then come from a user with fewer rights than the program.
/// </summary>
internal static class PrivilegedStart
{
    public static bool IsOne
    {
        get
        {
            if (getauxval(AT_SECURE) == 0)
                return false;
            if (getuid() != geteuid() || getgid() != getegid())
                return true;
            // A security module (SELinux, AppArmor) sets AT_SECURE, too, when it changes the domain of a service. Such
            // a service has what systemd gave it: the rights of root, or ambient capabilities.
            return getuid() != 0 && (Capabilities.Permitted & ~Capabilities.Ambient) != 0;
        }
    }
}
