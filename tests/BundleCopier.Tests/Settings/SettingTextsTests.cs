using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class SettingTextsTests
{
    [Fact]
    public void Every_setting_of_a_copy_has_its_text_which_the_reader_takes_back()
    {
        CopySettings settings = SettingsReader.ReadText(
            """
            bundle-copier {
              deadline = 30s, compression = auto, writer { max-rate = 3MiB, io = bounded }
              destination { keep-free = 5%, retention { max-use = 10%, partial-max-age = 7d } }
            }
            """,
            "test").Value!;
        string hocon = string.Join(
            '\n', SettingTexts.Of(settings).Select(static s => $"{SettingKeys.Full(s.Key)} = \"{s.Value}\""));
        Assert.Equal(settings, SettingsReader.ReadText(hocon, "test").Value);
        Assert.Equal(
            SettingKeys.All.Where(static key => !key.StartsWith("serve.", StringComparison.Ordinal)
                && !key.StartsWith("engine.", StringComparison.Ordinal)
                && key != SettingKeys.IoDispatcher).Order(),
            SettingTexts.Of(settings).Select(static s => s.Key).Order());
    }
}
