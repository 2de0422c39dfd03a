using System.Text.Json;
using BundleCopier.Receipt;

namespace BundleCopier.Cli.Serve;

/// <summary>The state of the server as it is now.</summary>
internal sealed record ServerState(
    string State,
    long BudgetBytes,
    bool IsMemoryLocked,
    string Destination,
    Crash? Running,
    long NowMs,
    IReadOnlyList<Crash> Waiting,
    ServerRecord Record);

/// <summary>Writes the state of the server as one JSON object (docs/serve.md).</summary>
internal static class StatusJson
{
    // A message is sent as a whole, so it must fit into a socket's buffer.
    private const int MaxListed = 64;

    public static byte[] Of(ServerState state)
    {
        using MemoryStream held = new();
        using (Utf8JsonWriter json = new(held, ReceiptJson.WriterOptions(indented: false)))
        {
            json.WriteStartObject();
            json.WriteString("state", state.State);
            json.WriteNumber("pid", Environment.ProcessId);
            json.WriteString("destination", state.Destination);
            json.WriteNumber("budgetBytes", state.BudgetBytes);
            json.WriteBoolean("memoryLocked", state.IsMemoryLocked);
            if (state.Running is { } running)
            {
                json.WritePropertyName("running");
                Write(json, running, state.NowMs);
            }

            json.WriteNumber("waiting", state.Waiting.Count);
            json.WriteStartArray("queue");
            foreach (Crash crash in state.Waiting.Take(MaxListed))
                Write(json, crash, state.NowMs);
            json.WriteEndArray();
            json.WriteStartObject("ended");
            foreach (CrashEnd end in Enum.GetValues<CrashEnd>())
                json.WriteNumber(Name(end), state.Record.CountOf(end));
            json.WriteEndObject();
            json.WriteStartObject("refusedFor");
            foreach (RefusedFor reason in Enum.GetValues<RefusedFor>())
                json.WriteNumber(Name(reason), state.Record.CountOf(reason));
            json.WriteEndObject();
            json.WriteStartArray("last");
            foreach (FinishedCrash crash in state.Record.Last)
                Write(json, crash);
            json.WriteEndArray();
            json.WriteEndObject();
        }

        return held.ToArray();
    }

    /// <summary>The answer of a server as a line that a terminal can show, whatever program has answered.</summary>
    public static byte[] LineOf(JsonElement answer)
    {
        using MemoryStream held = new();
        using (Utf8JsonWriter json = new(held, ReceiptJson.WriterOptions(indented: false)))
            answer.WriteTo(json);
        held.WriteByte((byte)'\n');
        return held.ToArray();
    }

    private static void Write(Utf8JsonWriter json, Crash crash, long nowMs)
    {
        json.WriteStartObject();
        json.WriteString("name", crash.Name);
        json.WriteNumber("priority", crash.Priority);
        json.WriteNumber("uid", crash.UserId);
        json.WriteNumber("ageSeconds", Math.Round((nowMs - crash.ArrivedMs) / 1000.0, 1));
        json.WriteEndObject();
    }

    private static void Write(Utf8JsonWriter json, FinishedCrash crash)
    {
        json.WriteStartObject();
        json.WriteString("name", crash.Name);
        json.WriteString("end", Name(crash.End));
        if (crash.Path is { } path)
            JsonNames.Write(json, ("path", path));
        if (crash.Message is { } message)
            json.WriteString("message", message);
        json.WriteString("finishedAt", crash.FinishedAt.UtcDateTime.ToString("yyyy-MM-dd'T'HH:mm:ss.fff'Z'"));
        json.WriteNumber("seconds", Math.Round(crash.Seconds, 3));
        json.WriteEndObject();
    }

    private static string Name<T>(T value)
        where T : struct, Enum => JsonNamingPolicy.CamelCase.ConvertName(value.ToString());
}
