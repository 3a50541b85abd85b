// SPDX-License-Identifier: MIT
using VfioSharp.Host.Files;
using VfioSharp.Host.Pci;

namespace VfioSharp.Supervisor.Files;

/// <summary>The files that hold the memory of devices which programs of a session opened.</summary>
/// <remarks>Used below the session's gate only.</remarks>
internal sealed class DeviceMemoryFiles(Action<string>? report) : IDisposable
{
    // Pages of such a file are taken when it is made, whether a program uses them or not.
    private const ulong Most = 1UL << 30;

    // Null: there cannot be one.
    private readonly Dictionary<BarMemory, DeviceMemoryFile?> _files = [];

    /// <summary>
    /// The file that programs map in place of a device with memory, which it holds from now on; null: its memory is trapped as
    /// its registers are.
    /// </summary>
    public DeviceMemoryFile? Prepare(string name, FileMemory memory)
    {
        if (!_files.TryGetValue(memory.Memory, out DeviceMemoryFile? file))
        {
            _files.Add(memory.Memory, file = Make(memory, out string reason));
            if (file is null) report?.Invoke($"the memory of {name} is trapped like registers, and slow: {reason}");
        }

        if (file is not null) memory.Memory.Attach(file);
        return file;
    }

    /// <summary>The memory goes back to where it is without programs.</summary>
    public void Dispose()
    {
        foreach ((BarMemory memory, DeviceMemoryFile? file) in _files)
        {
            if (file is null) continue;
            memory.Detach(file);
            file.Dispose();
        }
    }

    private static DeviceMemoryFile? Make(FileMemory memory, out string reason)
    {
        ulong size = 0;
        foreach (BarMemoryArea area in memory.Memory.Areas) size += area.Length;
        reason = $"0x{size:x} bytes are more than the 0x{Most:x} that are mapped natively";
        return size > Most ? null : DeviceMemoryFile.Create(memory, size, out reason);
    }
}
