// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Tests.Lspci;

/// <summary>The sample beside this file, which the build copies.</summary>
internal static class LspciSample
{
    public static string Path { get; } = System.IO.Path.Combine(AppContext.BaseDirectory, "Lspci", "lspci-server.txt");

    public static string Text { get; } = File.ReadAllText(Path);
}
