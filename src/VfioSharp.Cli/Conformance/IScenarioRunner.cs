// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Conformance;

/// <summary>Runs a scenario on a fresh machine. Thread-safe: scenarios run side by side.</summary>
internal interface IScenarioRunner
{
    /// <summary>Runs a scenario to its end, or until its time is up.</summary>
    ScenarioOutput Run(Scenario scenario);
}
