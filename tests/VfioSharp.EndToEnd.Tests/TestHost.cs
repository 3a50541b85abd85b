// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using System.Text.Json.Nodes;
using VfioSharp.Devices;
using VfioSharp.Host;
using VfioSharp.Host.Machines;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.EndToEnd.Tests;

/// <summary>Hosts of the ready machines.</summary>
internal static class TestHost
{
    /// <summary>A fresh host.</summary>
    public static SoftwareHost Start(string machine) => Start(machine, _ => { });

    /// <summary>A fresh host whose machine differs from the ready one.</summary>
    public static SoftwareHost Start(string machine, Action<JsonNode> change)
    {
        string file = Path.Combine(GuestImage.Root, "machines", machine + ".json");
        JsonNode described = JsonNode.Parse(File.ReadAllBytes(file))!;
        change(described);
        return new SoftwareHost(MachinePlatform.Create(
            MachineFile.Parse(Encoding.UTF8.GetBytes(described.ToJsonString()), file, DeviceCatalog.Default), DeviceCatalog.Default));
    }

    /// <summary>The groups whose nodes cannot be opened: somebody has them open (EBUSY).</summary>
    public static IReadOnlyList<string> BusyGroups(SoftwareHost host)
    {
        using SoftwareKernel kernel = new(host, "looker");
        List<string> busy = [];
        foreach (string node in host.NodeNames().Where(name => name != "vfio"))
        {
            KernelResult opened = kernel.Open("/dev/vfio/" + node, OpenMode.ReadWrite);
            if (opened.IsError) busy.Add(string.Create(CultureInfo.InvariantCulture, $"{node}: {opened.Errno}"));
            else _ = kernel.Close((int)opened.Value);
        }

        return busy;
    }
}
