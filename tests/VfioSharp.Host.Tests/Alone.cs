// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Tests;

/// <summary>
/// Tests that run by themselves: those that count what is alive in this process, and those that keep every core busy,
/// which would starve others of the time they wait for.
/// </summary>
[CollectionDefinition(nameof(Alone), DisableParallelization = true)]
public sealed class Alone;
