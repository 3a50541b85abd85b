// SPDX-License-Identifier: MIT
using BenchmarkDotNet.Configs;
using BenchmarkDotNet.Jobs;
using BenchmarkDotNet.Running;
using BenchmarkDotNet.Toolchains.InProcess.Emit;
using VfioSharp.Benchmarks;

string what = args.Length > 0 ? args[0] : "help";
switch (what)
{
    case "scale":
        ScaleRun.Run(Console.Out);
        SpaprScaleRun.Run(Console.Out);
        return 0;
    case "guest":
        GuestMemoryRun.Run(Console.Out);
        GuestTceRun.Run(Console.Out);
        return 0;
    case "guest-replay":
        return GuestReplayRun.Run(Console.Out);
    case GuestReplayRun.Served:
        return GuestReplayRun.RunServed();
    case "run":
        return ProgramRun.Run(Console.Out);
    case "micro":
        // In this process: what is measured is a library call, and a child's start would dominate the run.
        IConfig config = DefaultConfig.Instance.AddJob(Job.ShortRun.WithIterationCount(8).WithWarmupCount(4).WithToolchain(InProcessEmitToolchain.Instance));
        BenchmarkSwitcher.FromAssembly(typeof(Program).Assembly).Run(args.Length > 1 ? args[1..] : ["--filter", "*"], config);
        return 0;
    default:
        Console.Error.WriteLine("usage: vfio-bench micro [--filter GLOB] | scale | guest | guest-replay | run");
        return 2;
}
