// SPDX-License-Identifier: MIT
using System.Globalization;
using VfioSharp.Host.Callers;
using VfioSharp.Linux;

namespace VfioSharp.Supervisor.Programs;

/// <summary>A process below the supervisor that uses the host: one mm, one <see cref="Caller"/>.</summary>
internal sealed class RemoteProcess : IDisposable
{
    private RemoteProcess(int id, string name, ProcessDescriptor descriptor, ProcessMemory memory)
    {
        Id = id;
        Name = name;
        Descriptor = descriptor;
        Memory = memory;
    }

    /// <summary>The process (thread group) id.</summary>
    public int Id { get; }

    /// <summary>Program and id, for messages.</summary>
    public string Name { get; }

    /// <summary>The process itself, whatever its number will name later.</summary>
    public ProcessDescriptor Descriptor { get; }

    /// <summary>Its memory.</summary>
    public ProcessMemory Memory { get; }

    /// <summary>The process as the host sees it.</summary>
    public Caller Caller { get; private set; } = null!;

    /// <summary>
    /// Whether it asked for exec: if that succeeds, <see cref="Memory"/> is gone and the next program another caller.
    /// </summary>
    public bool ExecWasCalled { get; set; }

    /// <summary>Whether tracing it was refused: its accesses to mapped registers stay faults.</summary>
    public bool CannotBeTraced { get; set; }

    /// <summary>Changes whenever a descriptor of the window was closed or replaced: what is remembered of them is void.</summary>
    public int DescriptorVersion { get; set; }

    /// <summary>Looks a process up. Fails when it is gone or may not be looked at.</summary>
    public static SyscallResult Open(
        int id, DeviceMemoryLookup devices, Func<RemoteProcess, Caller> makeCaller, out RemoteProcess? process)
    {
        process = null;
        SyscallResult result = ProcessDescriptor.Open(id, out ProcessDescriptor? descriptor);
        if (descriptor is null) return result;
        result = ProcessMemory.Open(id, devices, out ProcessMemory? memory);
        if (memory is null)
        {
            descriptor.Dispose();
            return result;
        }

        process = new RemoteProcess(id, string.Create(CultureInfo.InvariantCulture, $"{ReadName(id)}[{id}]"), descriptor, memory);
        process.Caller = makeCaller(process);
        return result;
    }

    public void Dispose()
    {
        Caller.Exit();
        Memory.Dispose();
        Descriptor.Dispose();
    }

    private static string ReadName(int id)
    {
        try
        {
            return File.ReadAllText(string.Create(CultureInfo.InvariantCulture, $"/proc/{id}/comm")).TrimEnd('\n');
        }
        catch (IOException)
        {
            return "program"; // It ended meanwhile.
        }
    }
}
