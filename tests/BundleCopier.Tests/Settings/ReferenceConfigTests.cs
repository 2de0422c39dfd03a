using Akka.Actor;
using Akka.Configuration;
using Akka.Configuration.Hocon;
using BundleCopier.Settings;
using Xunit;

namespace BundleCopier.Tests.Settings;

public sealed class ReferenceConfigTests
{
    [Fact]
    public void The_defaults_are_these() => Assert.Equal(
        [
            "bundle-copier.budget = 32MiB",
            "bundle-copier.deadline = off",
            "bundle-copier.checksum = on",
            "bundle-copier.zero-detection = on",
            "bundle-copier.compression = none",
            "bundle-copier.compressor.threads = 2",
            "bundle-copier.source.trust = owner",
            "bundle-copier.source.max-files = 250000",
            "bundle-copier.source.max-bytes = 1TiB",
            "bundle-copier.facts.environ = names",
            "bundle-copier.reader.mode = auto",
            "bundle-copier.reader.threads = 2",
            "bundle-copier.reader.core = memory",
            "bundle-copier.writer.threads = 2",
            "bundle-copier.writer.io = auto",
            "bundle-copier.writer.max-rate = off",
            "bundle-copier.governor.profile = balanced",
            "bundle-copier.memory.lock = off",
            "bundle-copier.destination.private = prefer",
            "bundle-copier.destination.trust = strict",
            "bundle-copier.destination.keep-free = 0",
            "bundle-copier.destination.when-full = drop",
            "bundle-copier.destination.retention.max-use = off",
            "bundle-copier.destination.retention.keep-free = off",
            "bundle-copier.destination.retention.max-bundles = off",
            "bundle-copier.destination.retention.partial-max-age = off",
            "bundle-copier.canary = off",
            "bundle-copier.process.scheduling = auto",
            "bundle-copier.process.nice = 0",
            "bundle-copier.process.io-priority = keep",
            "bundle-copier.process.oom-score-adj = auto",
            "bundle-copier.process.protect = auto",
            "bundle-copier.process.sandbox = auto",
            "bundle-copier.stall-timeout = 30s",
            "bundle-copier.progress-interval = 250ms",
            "bundle-copier.engine.budget = auto",
            "bundle-copier.engine.max-concurrent-copies = 4",
            "bundle-copier.engine.armed = off",
            "bundle-copier.serve.destination = none",
            "bundle-copier.serve.spool = /run/bundlecopy/spool",
            "bundle-copier.serve.control-socket = /run/bundlecopy/control.sock",
            "bundle-copier.serve.core-socket = /run/bundlecopy/core.sock",
            "bundle-copier.serve.shared-memory = on",
            "bundle-copier.serve.state-directory = /var/lib/bundlecopy",
            "bundle-copier.serve.deadline = 10m",
            "bundle-copier.serve.max-queue = 64",
            "bundle-copier.serve.crash-loop.max-crashes = 3",
            "bundle-copier.serve.crash-loop.window = 10m",
            "bundle-copier.serve.per-user.max-crashes = 32",
            "bundle-copier.serve.per-user.max-time = 5m",
            "bundle-copier.serve.per-user.window = 10m",
            "bundle-copier.serve.stop-timeout = 30s",
            "bundle-copier.serve.oom-score-adj = -500",
            "bundle-copier.io-dispatcher.type = BundleCopier.Actors.OwnThreadDispatcherConfigurator, BundleCopier",
            "bundle-copier.io-dispatcher.throughput = 1",
        ],
        Leaves(ReferenceConfig.Value));

    [Fact]
    public void The_defaults_in_code_are_the_defaults_in_the_file() =>
        Assert.Equal(new CopySettings(), SettingsReader.Read(ConfigurationFactory.Empty, "none").Value);

    [Fact]
    public void The_defaults_of_an_engine_in_code_are_those_in_the_file() =>
        Assert.Equal(new EngineSettings(), EngineSettingsReader.Read(ConfigurationFactory.Empty, "none").Value);

    [Fact]
    public void The_users_copy_has_the_same_keys_and_defaults() =>
        Assert.Equal(
            Leaves(ReferenceConfig.Value), Leaves(
            SettingsReader.ParseText(Repository.ReadText("bundle.hocon"), "bundle.hocon").Value!));

    [Fact]
    public void Both_files_pass_the_reader_they_are_for()
    {
        Assert.True(SettingsReader.ReadText(Repository.ReadText("bundle.hocon"), "bundle.hocon").IsOk);
        Assert.True(SettingsReader.ReadText(ReferenceConfig.Text, "reference.conf").IsOk);
    }

    [Fact]
    public void Every_key_has_a_comment_of_its_own()
    {
        string[] lines = ReferenceConfig.Text.Split('\n');
        Assert.All(
            lines.Index()
            .Where(l =>
            l.Item.Contains(" = ", StringComparison.Ordinal) && !l.Item.Contains('#')
            && !l.Item.Contains("type =", StringComparison.Ordinal)),
            l => Assert.StartsWith("#", lines[l.Index - 1].Trim(), StringComparison.Ordinal));
    }

    [Fact]
    public async Task The_dispatcher_gives_each_actor_a_thread_of_its_own()
    {
        using ActorSystem system = ActorSystem.Create("test", ReferenceConfig.Value);
        Props props = Props.Create(static () => new ThreadTeller()).WithDispatcher(ReferenceConfig.IoDispatcherPath);
        IActorRef one = system.ActorOf(props), two = system.ActorOf(props);
        int[] ofOne = [await Thread(one), await Thread(one)], ofTwo = [await Thread(two), await Thread(two)];
        Assert.Equal(ofOne[0], ofOne[1]);
        Assert.Equal(ofTwo[0], ofTwo[1]);
        Assert.NotEqual(ofOne[0], ofTwo[0]);
        await system.Terminate();
    }

    private static Task<int> Thread(IActorRef actor) => actor.Ask<int>("thread", TimeSpan.FromSeconds(10));

    private static List<string> Leaves(Config config)
    {
        List<string> leaves = [];
        Walk(config.Root, "");
        return leaves;

        void Walk(HoconValue value, string path)
        {
            if (value.IsObject())
            {
                foreach ((string key, HoconValue below) in value.GetObject().Items)
                    Walk(below, path.Length == 0 ? key : $"{path}.{key}");
            }
            else
            {
                leaves.Add($"{path} = {value.GetString()}");
            }
        }
    }

    private sealed class ThreadTeller : ReceiveActor
    {
        public ThreadTeller() => ReceiveAny(_ => Sender.Tell(Environment.CurrentManagedThreadId));
    }
}
