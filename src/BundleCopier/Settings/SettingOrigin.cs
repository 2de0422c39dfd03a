namespace BundleCopier.Settings;

/// <summary>A setting that is in effect, and where it comes from.</summary>
/// <param name="Key">The key below <c>bundle-copier</c>, such as <c>writer.max-rate</c>.</param>
/// <param name="Value">The value as a configuration has it, such as <c>200MiB</c>.</param>
/// <param name="Source">The source that won.</param>
public sealed record SettingOrigin(string Key, string Value, SettingSource Source);
