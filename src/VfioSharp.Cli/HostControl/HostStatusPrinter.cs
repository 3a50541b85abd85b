// SPDX-License-Identifier: MIT
using System.Globalization;
using Spectre.Console;
using VfioSharp.Cli.Commands;

namespace VfioSharp.Cli.HostControl;

/// <summary>Prints who uses a host, for people.</summary>
internal static class HostStatusPrinter
{
    /// <summary>Prints it.</summary>
    public static void Print(HostStatus status, IAnsiConsole console)
    {
        console.Write(new Text(string.Create(
            CultureInfo.InvariantCulture,
            $"host {status.Name}: machine {status.Machine} ({status.Platform}), process {status.Process}, DMA faults {status.Faults}\n\n")));

        Table programs = ShowCommand.NewTable("PROGRAM", "CLIENT", "COMMAND", "USER", "LOCKED");
        foreach (ListedProgram program in status.Programs)
        {
            string id = program.Process.ToString(CultureInfo.InvariantCulture);
            string client = program.Client.ToString(CultureInfo.InvariantCulture);
            if (program.Users.Count == 0) programs.AddRow(new Text(id), new Text(client), new Text(program.Command), new Text("-"), new Text("-"));
            foreach (ListedUser user in program.Users)
                programs.AddRow(new Text(id), new Text(client), new Text(program.Command), new Text(user.Name), new Text(ByteCount.Text(user.LockedBytes)));
        }

        if (status.Programs.Count == 0) console.Write(new Text("no program runs\n"));
        else console.Write(programs);
        console.Write(new Text("\n"));

        Table devices = ShowCommand.NewTable("DEVICE", "ALIAS", "GROUP", "DRIVER", "OPEN", "GROUP OPENED BY");
        foreach (UsedGroup group in status.Groups)
        {
            foreach (UsedDevice device in group.Devices)
            {
                devices.AddRow(
                    new Text(device.Address),
                    new Text(device.Alias ?? "-"),
                    new Text(group.Id.ToString(CultureInfo.InvariantCulture)),
                    new Text(device.Driver ?? "-"),
                    new Text(device.OpenFiles.ToString(CultureInfo.InvariantCulture) + (device.IsWantedBack ? ", wanted back" : "")),
                    new Text(group.OpenedBy ?? "-"));
            }
        }

        console.Write(devices);
        if (status.Detached.Count != 0) console.Write(new Text($"\ndetached: {string.Join(", ", status.Detached)}\n"));
    }

}
