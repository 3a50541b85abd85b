// SPDX-License-Identifier: MIT
using System.Buffers.Binary;
using VfioSharp.Host.Platforms;
using VfioSharp.Kernel;

namespace VfioSharp.Cli.Scripts.Operations;

/// <summary>Opening and closing, and ioctls word by word.</summary>
internal static class FileOperations
{
    // _IO(';', n): VFIO's and iommufd's requests carry no direction and no size.
    private const uint RequestType = ';' << 8;
    private const uint VfioBase = 100;

    private const int RawLength = 8192;
    private const int RawLimit = 4096;

    /// <summary>Adds the operations.</summary>
    public static void Register(IDictionary<string, ScriptOperation> operations)
    {
        operations.Add("container", context => Open(context, "/dev/vfio/vfio"));
        operations.Add("iommufd", context => Open(context, "/dev/iommu"));
        operations.Add("open", context => Open(context, context.Text(1) ?? ""));
        operations.Add("group", OpenGroup);
        operations.Add("cdev", OpenCharacterDevice);
        operations.Add("close", Close);
        operations.Add("dup", Duplicate);
        operations.Add("raw", Raw);
    }

    private static void OpenGroup(ScriptContext context)
    {
        string group = ScriptContext.Decimal(context.HostSide.GroupOf(context.Text(1) ?? ""));
        Open(context, $"/dev/vfio/{(context.Option("noiommu", 0) != 0 ? "noiommu-" : "")}{group}");
    }

    private static void OpenCharacterDevice(ScriptContext context) =>
        Open(context, $"/dev/vfio/devices/vfio{ScriptContext.Decimal(context.HostSide.CharacterDeviceOf(context.Text(1) ?? ""))}");

    private static void Open(ScriptContext context, string path)
    {
        OpenMode mode = context.Option("mode") switch
        {
            "ro" => OpenMode.ReadOnly,
            "wo" => OpenMode.WriteOnly,
            _ => OpenMode.ReadWrite,
        };
        KernelResult opened = context.Process.Open(path, mode);
        context.NameDescriptor(context.Text(0), opened);
        context.Output.Descriptor(opened);
    }

    private static void Close(ScriptContext context)
    {
        KernelResult closed = context.Process.Close(context.Descriptor(0));
        if (context.Text(0) is { } name && context.Symbols.TryGetDescriptor(name, out _)) context.Symbols.SetDescriptor(name, -1);
        context.Report(closed);
    }

    private static void Duplicate(ScriptContext context)
    {
        KernelResult duplicate = context.Process.Duplicate(context.Descriptor(1));
        context.NameDescriptor(context.Text(0), duplicate);
        context.Output.Descriptor(duplicate);
    }

    private static void Raw(ScriptContext context)
    {
        byte[] words = new byte[RawLength];
        bool direct = Compose(context, words);
        ulong argument = 0;
        if (context.Option("ptr") is not null || context.Option("val") is not null)
        {
            direct = true;
            argument = context.Option("ptr") is null ? context.Option("val", 0) : context.Option("ptr", 0);
        }

        byte[] before = [.. words];
        uint request = Request(context);
        KernelResult result = direct
            ? context.Ioctl(request, argument)
            : context.Scratch.Ioctl(context.Descriptor(0), request, words.AsSpan());
        ReportFile(context, result, result.IsSuccess);
        for (int i = 0; i < words.Length; i += 4)
        {
            uint after = BinaryPrimitives.ReadUInt32LittleEndian(words.AsSpan(i));
            if (after != BinaryPrimitives.ReadUInt32LittleEndian(before.AsSpan(i)))
                context.Output.Append($" @{i:x}={after:x8}");
        }
    }

    /// <summary>Prints the result of a call that may give a file: with <c>fd=1</c> it is named, or closed at once.</summary>
    public static void ReportFile(ScriptContext context, KernelResult result, bool mayBeFile)
    {
        if (!mayBeFile || context.Option("fd", 0) == 0)
        {
            context.Report(result);
            return;
        }

        context.Output.Text("fd");
        if (context.Option("name") is { } name) context.Symbols.SetDescriptor(name, (int)result.Value);
        else context.Process.Close((int)result.Value);
    }

    // vN, iN, or a number. The number is put into the low bits without being cut, as the C macro does.
    private static uint Request(ScriptContext context)
    {
        string text = context.Text(1) ?? "0";
        if (text.Length == 0 || text[0] is not ('v' or 'i')) return OfMachine(context, (uint)context.Evaluate(text));
        int at = 1;
        uint number = (uint)ScriptExpression.ReadUnsigned(text, ref at, out _);
        return RequestType | (text[0] == 'v' ? VfioBase + number : number);
    }

    // A number as written is the machine's own. POWER's say "no data" by a bit (asm/ioctl.h: _IOC_NONE), which the
    // host's numbers lack: one without it is no request there.
    private static uint OfMachine(ScriptContext context, uint number)
    {
        const uint NoData = 1u << 29;
        return context.Process.Host.Platform is not PowerPlatform ? number : (number & NoData) != 0 ? number & ~NoData : number | ~NoData;
    }

    // The fields after the request, one behind the other; true when there is no structure but a null pointer.
    private static bool Compose(ScriptContext context, byte[] words)
    {
        int length = 0;
        bool direct = false;
        for (int i = 2; i < context.Line.Positional.Count; i++)
        {
            string word = context.Line.Positional[i];
            int colon = word.IndexOf(':', StringComparison.Ordinal);
            string value = word[(colon + 1)..];
            switch (colon < 0 ? word : word[..colon])
            {
                case "null" when colon < 0:
                    direct = true;
                    break;
                case "u8":
                    words[length++] = (byte)context.Evaluate(value);
                    break;
                case "u16":
                    BinaryPrimitives.WriteUInt16LittleEndian(words.AsSpan(length), (ushort)context.Evaluate(value));
                    length += 2;
                    break;
                case "u32":
                    BinaryPrimitives.WriteUInt32LittleEndian(words.AsSpan(length), (uint)context.Evaluate(value));
                    length += 4;
                    break;
                case "u64":
                    BinaryPrimitives.WriteUInt64LittleEndian(words.AsSpan(length), context.Evaluate(value));
                    length += 8;
                    break;
                case "hex":
                    length += Hexadecimal.Read(value, words.AsSpan(length, 1024));
                    break;
                case "zero":
                    length = (int)Math.Min((ulong)length + context.Evaluate(value), RawLimit);
                    break;
            }

            length = Math.Min(length, RawLimit);
        }

        return direct;
    }
}
