// SPDX-License-Identifier: MIT
namespace VfioSharp.Cli.Scripts;

/// <summary>A buffer or mapping of a script.</summary>
/// <param name="Address">Where it is; 0 when the mapping failed or is gone.</param>
/// <param name="Length">Its length as the script gave it.</param>
internal readonly record struct ScriptMemory(ulong Address, ulong Length);

/// <summary>The names of a script. One name may stand for a descriptor, a buffer and a variable at once.</summary>
internal sealed class ScriptSymbols
{
    private readonly Dictionary<string, int> _descriptors = [];
    private readonly Dictionary<string, ScriptMemory> _memory = [];
    private readonly Dictionary<string, ulong> _variables = [];

    /// <summary>No names.</summary>
    public ScriptSymbols()
    {
    }

    private ScriptSymbols(ScriptSymbols other)
    {
        _descriptors = new(other._descriptors);
        _memory = new(other._memory);
        _variables = new(other._variables);
    }

    /// <summary>The names as a forked process has them: what it changes stays its own.</summary>
    public ScriptSymbols Clone() => new(this);

    /// <summary>Names a descriptor; -1 stands for one that could not be had.</summary>
    public void SetDescriptor(string name, int descriptor) => _descriptors[name] = descriptor;

    /// <summary>Names a buffer or mapping.</summary>
    public void SetMemory(string name, ScriptMemory memory) => _memory[name] = memory;

    /// <summary>Names a value.</summary>
    public void SetVariable(string name, ulong value) => _variables[name] = value;

    /// <summary>Looks a descriptor up.</summary>
    public bool TryGetDescriptor(string name, out int descriptor) => _descriptors.TryGetValue(name, out descriptor);

    /// <summary>Looks a buffer or mapping up.</summary>
    public bool TryGetMemory(string name, out ScriptMemory memory) => _memory.TryGetValue(name, out memory);

    /// <summary>What <c>$name</c> is: a variable's value, else a buffer's address, else 0.</summary>
    public ulong Value(string name) =>
        _variables.TryGetValue(name, out ulong value) ? value :
        _memory.TryGetValue(name, out ScriptMemory memory) ? memory.Address : 0;
}
