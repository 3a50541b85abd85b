// SPDX-License-Identifier: MIT
using System.Text.Json.Serialization;
using VfioSharp.Cli.Tracing;

namespace VfioSharp.Cli.HostControl;

/// <summary>What a host is asked.</summary>
internal enum HostVerb
{
    /// <summary>Run a program.</summary>
    Run,

    /// <summary>Pass a signal on to the program that runs for this connection.</summary>
    Signal,

    /// <summary>Tell who uses what.</summary>
    Status,

    /// <summary>End the programs and the host.</summary>
    Stop,

    /// <summary>Plug a device in.</summary>
    Attach,

    /// <summary>Draw a device.</summary>
    Detach,

    /// <summary>Freeze a device's endpoint (EEH).</summary>
    Freeze,

    /// <summary>Raise an interrupt without a cause.</summary>
    InjectInterrupt,

    /// <summary>Report an error (AER).</summary>
    InjectError,

    /// <summary>Read from an address with nothing mapped.</summary>
    InjectFault,
}

/// <summary>A request: one frame.</summary>
/// <param name="Verb">What.</param>
/// <param name="Device">The device it is about, by alias or address.</param>
/// <param name="Run">The program to run.</param>
/// <param name="Signal">The signal to pass on.</param>
/// <param name="Vector">The interrupt to raise.</param>
/// <param name="Iova">The address to read from.</param>
internal sealed record HostRequest(
    HostVerb Verb, string? Device = null, RunRequest? Run = null, int Signal = 0, int Vector = 0, ulong Iova = 0);

/// <summary>A program to run; its descriptors 0 to 2 come with the frame.</summary>
/// <param name="Client">The process that asks.</param>
/// <param name="Command">Program and arguments.</param>
/// <param name="File">The file to execute.</param>
/// <param name="Folder">Its working folder.</param>
/// <param name="FileModeMask">Its umask.</param>
/// <param name="Environment">Its environment.</param>
/// <param name="Limits">Its resource limits.</param>
/// <param name="Explain">Whether refusals are told on its standard error.</param>
/// <param name="Trap">Whether accesses to mapped registers are carried out.</param>
/// <param name="Trace">The form of the trace that a fourth descriptor takes, or null.</param>
/// <param name="Statistics">Whether what there was is printed at the end.</param>
/// <param name="LockedMemory">How much memory it may lock instead of what its limit says, or null.</param>
internal sealed record RunRequest(
    int Client,
    IReadOnlyList<string> Command,
    string File,
    string Folder,
    int FileModeMask,
    Dictionary<string, string> Environment,
    IReadOnlyList<ListedLimit> Limits,
    bool Explain,
    bool Trap,
    TraceFormat? Trace = null,
    bool Statistics = false,
    ulong? LockedMemory = null);

/// <summary>A resource limit.</summary>
/// <param name="Resource">Which, as RLIMIT_* numbers them.</param>
/// <param name="Soft">What binds.</param>
/// <param name="Hard">How far it may be raised.</param>
internal sealed record ListedLimit(int Resource, ulong Soft, ulong Hard);

/// <summary>An answer: one frame.</summary>
/// <param name="ExitCode">The command's, or the program's, exit code.</param>
/// <param name="Cause">Why it failed, or null.</param>
/// <param name="Remedy">What to do about it.</param>
/// <param name="Status">What was asked for by <see cref="HostVerb.Status"/>.</param>
internal sealed record HostAnswer(int ExitCode, string? Cause = null, string? Remedy = null, HostStatus? Status = null);

/// <summary>Who uses a host.</summary>
/// <param name="Name">Its name.</param>
/// <param name="Process">Its process.</param>
/// <param name="Machine">The machine it plays.</param>
/// <param name="Platform">Its platform.</param>
/// <param name="Programs">The programs that run.</param>
/// <param name="Groups">Its IOMMU groups.</param>
/// <param name="Detached">Devices of the machine that are not plugged in.</param>
/// <param name="Faults">DMA faults since it started.</param>
internal sealed record HostStatus(
    string Name,
    int Process,
    string Machine,
    string Platform,
    IReadOnlyList<ListedProgram> Programs,
    IReadOnlyList<UsedGroup> Groups,
    IReadOnlyList<string> Detached,
    long Faults);

/// <summary>A program that runs on a host.</summary>
/// <param name="Process">Its process id.</param>
/// <param name="Client">The <c>vfio run</c> it runs for.</param>
/// <param name="Command">Its command line.</param>
/// <param name="Users">Its processes that have made VFIO calls.</param>
internal sealed record ListedProgram(int Process, int Client, string Command, IReadOnlyList<ListedUser> Users);

/// <summary>A process that has made VFIO calls.</summary>
/// <param name="Process">Its id.</param>
/// <param name="Name">Its name and id, as refusals tell it.</param>
/// <param name="LockedBytes">Its memory locked for DMA.</param>
internal sealed record ListedUser(int Process, string Name, ulong LockedBytes);

/// <summary>An IOMMU group and who uses it.</summary>
/// <param name="Id">Its number.</param>
/// <param name="OpenedBy">The process that has its node open, or null.</param>
/// <param name="Devices">Its devices.</param>
internal sealed record UsedGroup(int Id, string? OpenedBy, IReadOnlyList<UsedDevice> Devices);

/// <summary>A device and who uses it.</summary>
/// <param name="Address">Its address.</param>
/// <param name="Alias">Its name in scripts, or null.</param>
/// <param name="Driver">Its host driver, or null.</param>
/// <param name="OpenFiles">How often VFIO users have it open.</param>
/// <param name="IsWantedBack">Whether its driver waits for them to close it.</param>
internal sealed record UsedDevice(string Address, string? Alias, string? Driver, int OpenFiles, bool IsWantedBack);

/// <summary>The frames as JSON; unknown members and missing ones are refused.</summary>
[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
[JsonSerializable(typeof(HostRequest))]
[JsonSerializable(typeof(HostAnswer))]
internal sealed partial class HostJson : JsonSerializerContext;

/// <summary>A status as users get it.</summary>
[JsonSourceGenerationOptions(WriteIndented = true, PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase)]
[JsonSerializable(typeof(HostStatus))]
internal sealed partial class HostListingJson : JsonSerializerContext;
