// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text.RegularExpressions;
using VfioSharp.Cli.Commands;
using VfioSharp.Linux;

namespace VfioSharp.Cli.HostControl;

/// <summary>
/// Where the hosts of a user have their sockets: a folder that only that user enters. A host's files are its socket, a lock
/// it holds as long as it lives, and its log when it runs in the background.
/// </summary>
internal static partial class HostFolder
{
    /// <summary>What a host is called without a name.</summary>
    public const string DefaultName = "default";

    private const UnixFileMode Private = UnixFileMode.UserRead | UnixFileMode.UserWrite | UnixFileMode.UserExecute;

    // Where struct statx has stx_uid.
    private const int StatxUser = 20;

    /// <summary>The folder.</summary>
    public static string Path => Environment.GetEnvironmentVariable("XDG_RUNTIME_DIR") is { Length: > 0 } runtime
        ? System.IO.Path.Combine(runtime, "vfiosharp")
        : string.Create(CultureInfo.InvariantCulture, $"/tmp/vfiosharp-{ProcessCredentials.User}");

    /// <summary>The socket of a host.</summary>
    public static string SocketOf(string name) => System.IO.Path.Combine(Path, Check(name) + ".sock");

    /// <summary>The lock of a host.</summary>
    public static string LockOf(string name) => System.IO.Path.Combine(Path, Check(name) + ".lock");

    /// <summary>The log of a host in the background.</summary>
    public static string LogOf(string name) => System.IO.Path.Combine(Path, Check(name) + ".log");

    /// <summary>Names of hosts that have a socket, alive or not.</summary>
    public static IReadOnlyList<string> Names() => Directory.Exists(Path)
        ? [.. Directory.GetFiles(Path, "*.sock").Select(System.IO.Path.GetFileNameWithoutExtension).OfType<string>().Order(StringComparer.Ordinal)]
        : [];

    /// <summary>Makes the folder, and makes sure that nobody else made it to listen in.</summary>
    public static void Create()
    {
        if (OperatingSystem.IsWindows()) throw new CommandFailure(ExitCodes.Environment, "hosts that several programs use need Linux", "use the software host in process instead");
        try
        {
            Directory.CreateDirectory(Path, Private);
        }
        catch (Exception cause) when (cause is IOException or UnauthorizedAccessException)
        {
            throw new CommandFailure(ExitCodes.Environment, $"the folder {Path} cannot be made: {cause.Message}", "set XDG_RUNTIME_DIR to a folder of yours");
        }

        if (!IsPrivate())
            throw new CommandFailure(ExitCodes.Environment, $"the folder {Path} is not this user's alone", "remove it, or set XDG_RUNTIME_DIR to a folder of yours");
    }

    private static bool IsPrivate()
    {
        _ = Descriptors.Open(Path, OpenFlags.PathOnly | OpenFlags.Folder | OpenFlags.NoFollow | OpenFlags.CloseOnExec, out SafeDescriptor? folder);
        using (folder)
        {
            Span<byte> status = stackalloc byte[256];
            return folder is not null
                && !OperatingSystem.IsWindows()
                && !Descriptors.ReadStatus(folder.Number, status).IsError
                && BitConverter.ToUInt32(status[StatxUser..]) == ProcessCredentials.User
                && (File.GetUnixFileMode(Path) & ~Private) == 0;
        }
    }

    private static string Check(string name) => NamePattern().IsMatch(name)
        ? name
        : throw CommandFailure.Usage($"'{name}' is no name of a host", "use 1 to 32 letters, digits, dots, dashes and underscores, the first a letter or digit");

    [GeneratedRegex(@"^[A-Za-z0-9][A-Za-z0-9._-]{0,31}\z")]
    private static partial Regex NamePattern();
}
