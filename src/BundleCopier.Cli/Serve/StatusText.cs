using System.Text;
using System.Text.Json;
using BundleCopier.Input;
using BundleCopier.Settings;

namespace BundleCopier.Cli.Serve;

/// <summary>The server's state for people, from its JSON.</summary>
internal static class StatusText
{
    public static string Of(JsonElement state)
    {
        StringBuilder text = new();
        string locked = state.GetProperty("memoryLocked").GetBoolean() ? "locked" : "not locked";
        string budget = ByteSize.Format(state.GetProperty("budgetBytes").GetInt64());
        text.Append($"{Of(state, "state")}, process {Of(state, "pid")}, budget {budget}, memory {locked}\n");
        text.Append($"destination  {Of(state, "destination")}\n");
        if (state.TryGetProperty("running", out JsonElement running))
            text.Append($"running      {Line(running)}\n");
        text.Append($"waiting      {Of(state, "waiting")}\n");
        foreach (JsonElement crash in state.GetProperty("queue").EnumerateArray())
            text.Append($"             {Line(crash)}\n");
        text.Append($"ended        {Counts(state.GetProperty("ended"))}\n");
        text.Append($"refused for  {Counts(state.GetProperty("refusedFor"))}\n");
        foreach (JsonElement crash in state.GetProperty("last").EnumerateArray())
        {
            string[] what = [.. new[] { Of(crash, "path"), Of(crash, "message") }.Where(static t => t.Length > 0)];
            string words = string.Join(": ", what);
            text.Append($"{Of(crash, "finishedAt")}  {Of(crash, "end"),-9}  {Of(crash, "name")}: {words}\n");
        }

        return text.ToString();
    }

    private static string Line(JsonElement crash) =>
        $"{Of(crash, "name")}, priority {Of(crash, "priority")}, user {Of(crash, "uid")}, "
        + $"since {Of(crash, "ageSeconds")} s";

    private static string Counts(JsonElement counts) =>
        Printable.Of(
        string.Join(", ", counts.EnumerateObject().Select(static c => $"{c.Name} {c.Value}")));

    private static string Of(JsonElement parent, string name) =>
        parent.TryGetProperty(name, out JsonElement value) ? Printable.Of(value.ToString()) : "";
}
