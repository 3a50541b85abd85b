// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Demo;

/// <summary>The demo cannot go on; the message says why.</summary>
internal sealed class DemoException(string message) : Exception(message);
