// SPDX-License-Identifier: MIT
using VfioSharp.Guest;
using VfioSharp.Guest.Interrupts;
using VfioSharp.Guest.Pci.Assigned;
using VfioSharp.Kernel;
using VfioSharp.Pci;
using VfioSharp.Samples;

namespace VfioSharp.Cli.Demo.Guests;

/// <summary>
/// A guest with assigned devices, from firmware to hot-plug: what a virtual machine monitor's guest does, step by step. On
/// POWER's IOMMU it is a pseries, else a PC.
/// </summary>
internal sealed class GuestDemo(IVfioKernel kernel, Action<DemoStep> done) : DemoRun(kernel, done)
{
    private const int UsedVectors = 4;
    private const uint Number = 10, FactorialOfNumber = 3_628_800;
    private const string FreezeFile = "/sys/kernel/debug/vfiosharp/freeze";

    // Where the driver's buffers are in the guest's memory.
    private static readonly GuestPhysicalAddress s_source = new(0x100000), s_destination = new(0x200000);

    private GuestMachine _guest = null!;
    private PciAddress _eduHost;
    private PciAddress? _xhciHost;
    private AssignedPciDevice _edu = null!;
    private IReadOnlyList<FoundDevice> _found = [];
    private GuestEdu _driver = null!;
    private Iova _sourceForDevice, _destinationForDevice;

    /// <inheritdoc/>
    internal override bool Run() =>
        Step("machine", MakeMachine) &&
        Step("plug", PlugAll) &&
        Step("firmware", Enumerate) &&
        Step("registers", StartDriver) &&
        Step("map", Map) &&
        Step("DMA", () => CopyByDma("")) &&
        Step("INTx", UseIntx) &&
        Step("MSI", UseMsi) &&
        (_guest is not PseriesGuest pseries || Step("window", () => UseSecondWindow(pseries))) &&
        (_xhciHost is null || Step("MSI-X", () => UseMsix("at start"))) &&
        Step("reset", Reset) &&
        (_xhciHost is null || (Step("unplug", UnplugXhci) && Step("hot-plug", PlugXhciAgain))) &&
        Step("unplug", UnplugAll) &&
        Step("hot-plug", PlugEduAgain) &&
        (_guest is not PseriesGuest broken || Step("freeze", () => Freeze(broken))) &&
        Step("end", End);

    private Outcome MakeMachine()
    {
        (_eduHost, _xhciHost) = GuestDevices.Find(Kernel);
        _guest = Keep(GuestMachine.Create(Kernel));
        return new(true, $"{_guest.Description}; the host is the {Kernel.Name}, with pages of 0x{Kernel.PageSize:x} bytes");
    }

    private Outcome PlugAll()
    {
        _edu = _guest.Plug($"vfio-pci,host={_eduHost},id=edu0,addr=01");
        if (_xhciHost is { } xhci) _guest.Plug($"vfio-pci,host={xhci},id=usb0,addr=02");
        return Clean(true, $"{_guest.Devices.All.Count} host devices are the guest's", [.. _guest.Devices.Describe().Select(status => status.ToString())]);
    }

    private Outcome Enumerate()
    {
        _found = GuestFirmware.Enumerate(_guest);
        return Clean(
            _found.Count == _guest.Devices.All.Count && _found.Any(device => IsEdu(device)),
            $"{_found.Count} devices on {_guest.Bus.Name} by configuration access, BARs sized and placed",
            [.. _found.Select(device => $"{device.Function >> 3:x2}.{device.Function & 7} is {device.VendorId:x4}:{device.DeviceId:x4}, class {device.ClassCode:x4}, BARs {string.Join(", ", device.Bars.Select(bar => $"{bar.Key} at {bar.Value}"))}")]);
    }

    private Outcome StartDriver()
    {
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        uint identification = _driver.Identify(), complement = _driver.Complement(0x12345678);
        return Clean(
            identification == EduDriver.Identification && complement == ~0x12345678u,
            $"edu's identification 0x{identification:x8}, liveness of 0x12345678 is 0x{complement:x8}");
    }

    private Outcome Map()
    {
        _sourceForDevice = _guest.MapForDma(s_source, BufferSize);
        _destinationForDevice = _guest.MapForDma(s_destination, BufferSize);
        return Clean(true, $"guest memory {s_source} is iova {_sourceForDevice}, {s_destination} is iova {_destinationForDevice}, 0x{BufferSize:x} bytes each");
    }

    private Outcome CopyByDma(string where)
    {
        // From the middle of a page: each transfer crosses into the next one.
        byte[] sent = new byte[TransferSize], arrived = new byte[TransferSize];
        for (int i = 0; i < sent.Length; i++) sent[i] = (byte)((i * 7) + (i >> 8) + where.Length);
        _guest.Memory.Write(s_source + 0x800, sent);
        _guest.Memory.Write(s_destination, new byte[BufferSize]);
        _driver.ReadMemory(_sourceForDevice + 0x800, TransferSize);
        _driver.WriteMemory(_destinationForDevice + 0x100, TransferSize);
        _guest.Memory.Read(s_destination + 0x100, arrived);
        bool equal = sent.AsSpan().SequenceEqual(arrived);
        return Clean(equal, $"edu read {TransferSize} bytes from iova {_sourceForDevice + 0x800} and wrote them to {_destinationForDevice + 0x100}{where}: {(equal ? "equal" : "they differ")}");
    }

    private Outcome UseIntx()
    {
        int before = _driver.Interrupts;
        uint first = _driver.ComputeFactorial(Number), second = _driver.ComputeFactorial(Number);
        return Clean(
            first == FactorialOfNumber && second == FactorialOfNumber && _edu.InterruptMode == AssignedInterruptMode.Intx,
            $"{Number}! = {first}, twice: {_driver.Interrupts - before} interrupts 0x{_guest.InterruptOf(_edu.Function):x}, each acknowledged, ended, and unmasked on the host");
    }

    private Outcome UseMsi()
    {
        MsiMessage message = _driver.EnableMsi();
        uint factorial = _driver.ComputeFactorial(Number);
        string mode = $"{_edu.InterruptMode}";
        bool wasMsi = _edu.InterruptMode == AssignedInterruptMode.Msi;
        _driver.DisableMsi();
        uint again = _driver.ComputeFactorial(Number);
        return Clean(
            wasMsi && factorial == FactorialOfNumber && again == FactorialOfNumber && _edu.InterruptMode == AssignedInterruptMode.Intx,
            $"{mode}: the message {message} came; switched off, INTx works again");
    }

    private Outcome UseSecondWindow(PseriesGuest guest)
    {
        ulong used = guest.UsedBytes;
        (Iova source, Iova destination) = (_sourceForDevice, _destinationForDevice);
        guest.CreateWindow(pageShift: 16, windowShift: 30);
        string window = guest.Window.ToString();
        Map();
        Outcome copied = CopyByDma(", through it");
        guest.RemoveWindow(used);
        (_sourceForDevice, _destinationForDevice) = (source, destination);
        Outcome back = CopyByDma(", through the default one again");
        return Clean(copied.Ok && back.Ok, $"{window}, by ibm,create-pe-dma-window; {copied.Text}; removed", back.Text);
    }

    private Outcome UseMsix(string when)
    {
        FoundDevice device = _found.First(found => !IsEdu(found));
        AssignedPciDevice assigned = _guest.Devices.All.First(one => one.Function == device.Function);
        var msix = new GuestMsix(_guest, device, UsedVectors);
        var grown = new List<string>();
        for (int vector = 0; vector < UsedVectors; vector++)
        {
            msix.Use(vector);
            grown.Add(string.Join('/', msix.Counts()));
        }

        AssignedDeviceStatus status = assigned.Describe();
        msix.Disable();
        bool back = assigned.InterruptMode == AssignedInterruptMode.Intx;
        return Clean(
            status is { Interrupts: AssignedInterruptMode.Msix, Vectors: UsedVectors } && back,
            $"{when}, {UsedVectors} of {msix.Vectors} vectors were used one after the other; messages of each as they grew: {string.Join(", ", grown)}",
            status.ToString());
    }

    private Outcome Reset()
    {
        _guest.Reset(_edu);
        _found = GuestFirmware.Enumerate(_guest);
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        Outcome copied = CopyByDma(" after a reset");
        return Clean(copied.Ok && _edu.InterruptMode == AssignedInterruptMode.Intx, $"the device was reset, BARs placed again; {copied.Text}");
    }

    private Outcome UnplugXhci()
    {
        _guest.Unplug("usb0");
        Outcome copied = CopyByDma(" beside it");
        _found = GuestFirmware.Enumerate(_guest);
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        return Clean(copied.Ok && _found.Count == 1, $"usb0 is gone, {_found.Count} device is left; {copied.Text}");
    }

    private Outcome PlugXhciAgain()
    {
        _guest.Plug($"vfio-pci,host={_xhciHost},id=usb0,addr=02");
        _found = GuestFirmware.Enumerate(_guest);
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        Outcome msix = UseMsix("after hot-plug");
        return Clean(msix.Ok, msix.Text, [.. msix.Details]);
    }

    private Outcome UnplugAll()
    {
        foreach (string id in _guest.Devices.All.Select(device => device.Id).ToArray()) _guest.Unplug(id);
        int containers = _guest.Host.Containers.Count, devices = _guest.Host.Devices.Count();
        return Clean(containers == 0 && devices == 0, $"all devices are gone: {devices} devices, {containers} containers left on the host; the guest's mappings stay");
    }

    private Outcome PlugEduAgain()
    {
        _edu = _guest.Plug($"vfio-pci,host={_eduHost},id=edu0,addr=01");
        _found = GuestFirmware.Enumerate(_guest);
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        Outcome copied = CopyByDma(" without mapping anything anew");
        return Clean(copied.Ok, $"the guest's mappings were replayed into a new container; {copied.Text}");
    }

    // Firmware of some hosts handles no errors, and some hosts' registers go on to answer while their endpoint is frozen.
    private Outcome Freeze(PseriesGuest guest)
    {
        if (!guest.EnableErrors(_edu.Function)) return Clean(true, "the host handles no errors of this device: the guest hears so, and goes on without EEH");
        KernelResult frozen = Kernel.WriteText(FreezeFile, $"{_eduHost} 3");
        if (frozen.IsError) throw new DemoException($"the endpoint was not frozen: {frozen}");
        uint register = _driver.Identify();
        EndpointState state = guest.ReadErrorState();
        guest.Recover();
        EndpointState after = guest.ReadErrorState();
        _driver = new GuestEdu(_guest, _found.First(IsEdu));
        Outcome copied = CopyByDma(" after recovery");
        return Clean(
            register is uint.MaxValue or EduDriver.Identification && state == EndpointState.Stopped && after == EndpointState.Normal && copied.Ok,
            $"an error cut the device off: a register read 0x{register:x8}, ibm,read-slot-reset-state2 said {state}; reset and configured by RTAS it says {after}; {copied.Text}");
    }

    private Outcome End()
    {
        _guest.Dispose();
        return Clean(_guest.Host.Containers.Count == 0, "everything is closed");
    }

    private static bool IsEdu(FoundDevice device) => device.VendorId == EduDriver.VendorId && device.DeviceId == EduDriver.DeviceId;

    // What the machine complained about while a step ran makes the step wrong.
    private Outcome Clean(bool ok, string text, params string[] details)
    {
        string[] problems = [.. _guest.Problems], warnings = [.. _guest.Warnings.Select(warning => $"warning: {warning}")];
        _guest.Problems.Clear();
        _guest.Warnings.Clear();
        return new(ok && problems.Length == 0, text, [.. details, .. warnings, .. problems]);
    }
}
