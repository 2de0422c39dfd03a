using BundleCopier.Cli;
using Xunit;

namespace BundleCopier.Tests.Serve;

/// <summary>The units of systemd, by the control group of a process.</summary>
public sealed class UnitNamesTests
{
    [Theory]
    [InlineData("", null, null, null, null, null)]
    [InlineData("/", null, null, null, null, null)]
    [InlineData("/docker/0123", null, null, null, null, null)]
    [InlineData("/init.scope", "init.scope", null, "-.slice", null, null)]
    [InlineData("/system.slice/engine.service", "engine.service", null, "system.slice", null, null)]
    [InlineData("/system.slice/engine.service/fake.service", "engine.service", null, "system.slice", null, null)]
    [InlineData("/a.slice/a-b.slice/_cpu.service/x", "cpu.service", null, "a-b.slice", null, null)]
    [InlineData("/user.slice/user-7.slice/session-3.scope", "session-3.scope", null, "user-7.slice", "3", "7")]
    [InlineData(
        "/user.slice/user-7.slice/user@7.service/app.slice/my.service/x",
        "user@7.service", "my.service", "user-7.slice", null, "7")]
    [InlineData(
        "/user.slice/user-7.slice/user@7.service/x", "user@7.service", null, "user-7.slice", null, "7")]
    public void A_group_is_named_after_its_unit(
        string group, string? unit, string? userUnit, string? slice, string? session, string? owner) =>
        Assert.Equal(new UnitNames(unit, userUnit, slice, session, owner), UnitNames.Of(group));
}
