// SPDX-License-Identifier: MIT
using System.Text.RegularExpressions;

namespace VfioSharp.Structure.Tests;

/// <summary>Dependencies point only downwards.</summary>
public sealed partial class LayerTests
{
    /// <summary>
    /// What each layer may refer to; what those may refer to is allowed with them. A new project in src is entered
    /// here, below everything that will use it.
    /// </summary>
    private static readonly Dictionary<string, string[]> s_allowed = new()
    {
        ["VfioSharp.Abi"] = [],
        ["VfioSharp.Linux"] = [],
        ["VfioSharp.Pci"] = ["VfioSharp.Abi"],
        ["VfioSharp.Kernel"] = ["VfioSharp.Abi", "VfioSharp.Linux"],
        ["VfioSharp"] = ["VfioSharp.Kernel", "VfioSharp.Pci"],
        ["VfioSharp.Guest"] = ["VfioSharp"],
        ["VfioSharp.Host"] = ["VfioSharp.Kernel", "VfioSharp.Pci"],
        ["VfioSharp.Devices"] = ["VfioSharp.Host"],
        ["VfioSharp.Supervisor"] = ["VfioSharp.Host"],
        ["VfioSharp.Cli"] = ["VfioSharp", "VfioSharp.Devices", "VfioSharp.Guest", "VfioSharp.Supervisor"],
    };

    [Fact]
    public void Every_project_of_src_is_a_known_layer() =>
        Assert.Equal(s_allowed.Keys.Order(StringComparer.Ordinal), Repository.Layers.Keys.Order(StringComparer.Ordinal));

    [Fact]
    public void Projects_refer_only_to_lower_layers() =>
        Assert.All(Repository.Layers.Keys, layer =>
            RuleAssert.None(Closure(layer, Repository.Layers).Except(Closure(layer, s_allowed))));

    [Fact]
    public void Sources_name_only_namespaces_of_lower_layers()
    {
        var upward =
            from source in Repository.Sources
            where source.Path.StartsWith("src/", StringComparison.Ordinal)
            let allowed = Closure(source.Project, s_allowed)
            from line in Enumerable.Range(0, source.Lines.Length)
            from Match match in LayerName().Matches(source.Code(line))
            let named = match.Value
            where named != source.Project && s_allowed.ContainsKey(named) && !allowed.Contains(named)
            select $"{source.Path}:{line + 1}: {source.Project} names {named}";
        RuleAssert.None(upward);
    }

    [Fact]
    public void Every_project_is_in_the_solution()
    {
        var solution = File.ReadAllText(Path.Combine(Repository.Root, "VfioSharp.slnx"));
        Assert.All(Repository.Projects, project => Assert.True(
            solution.Contains($"\"{project}\"", StringComparison.Ordinal), $"dotnet sln VfioSharp.slnx add {project}"));
    }

    private static HashSet<string> Closure(string layer, IReadOnlyDictionary<string, string[]> references)
    {
        var closure = new HashSet<string>();
        var pending = new Stack<string>(references[layer]);
        while (pending.TryPop(out var next))
            if (closure.Add(next))
                foreach (var further in references[next])
                    pending.Push(further);
        return closure;
    }

    [GeneratedRegex(@"\bVfioSharp\.\w+")]
    private static partial Regex LayerName();
}
