// SPDX-License-Identifier: MIT
using System.Collections.Concurrent;
using System.Runtime.ExceptionServices;

namespace VfioSharp.Cli.Conformance;

/// <summary>Runs scenarios side by side and compares them with what a real kernel answered.</summary>
internal static class ConformanceRun
{
    // Scenarios mostly wait (a DMA of edu takes 100 ms): more of them at once than there are processors.
    private const int AtOnce = 8;

    /// <summary>Runs all; results come in the order of the scenarios.</summary>
    /// <param name="scenarios">What to run.</param>
    /// <param name="runner">How to run one.</param>
    /// <param name="progress">Hears how many are done, from any thread.</param>
    public static IReadOnlyList<ScenarioResult> Run(IReadOnlyList<Scenario> scenarios, IScenarioRunner runner, Action<int>? progress = null)
    {
        ScenarioResult[] results = new ScenarioResult[scenarios.Count];
        ConcurrentQueue<int> waiting = new(Enumerable.Range(0, scenarios.Count));
        int done = 0;
        ExceptionDispatchInfo? failure = null;
        Thread[] workers =
        [
            .. Enumerable.Range(0, Math.Min(AtOnce, scenarios.Count)).Select(_ => new Thread(() =>
            {
                try
                {
                    while (failure is null && waiting.TryDequeue(out int index))
                    {
                        Scenario scenario = scenarios[index];
                        results[index] = ScenarioResult.Compare(scenario.Name, File.ReadAllText(scenario.AnswerFile), runner.Run(scenario));
                        progress?.Invoke(Interlocked.Increment(ref done));
                    }
                }
                catch (Exception problem)
                {
                    // Nothing can be run here (no seccomp, an unreadable answer): told once, on the caller's thread.
                    failure ??= ExceptionDispatchInfo.Capture(problem);
                }
            })),
        ];
        foreach (Thread worker in workers) worker.Start();
        foreach (Thread worker in workers) worker.Join();
        failure?.Throw();
        return results;
    }
}
