// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Text;
using VfioSharp.Cli.Commands;
using VfioSharp.Cli.Scripts;
using VfioSharp.Host;
using VfioSharp.Host.Callers;
using VfioSharp.Host.Machines;

namespace VfioSharp.Cli.Tests.Scripts;

/// <summary>
/// The language against the C program that defines it, on this computer's own kernel: what needs no VFIO (text,
/// expressions, memory, faults, eventfds) prints the same from both.
/// </summary>
public sealed class LanguageTests
{
    private const string Fixed = """
        let a 5+3*2
        echo hi a=b "x  y" # z
        save b val
        echo $b
        mem b 4P
        fill b 0 4P seq
        ld b 3 8
        save v val
        save v nothing
        ld $b+8 0 4
        st b 8 2 $v
        st b 16 3 -1
        dump b 0 40
        cmp b 0 b 16 64
        cmp b 0 b 0 64
        mem n 1P prot=none
        ld n 0 4
        touch n 0 1
        dump n 0 8
        cmp n 0 b 0 4
        fill n 0 4 1
        st 0 0 4 1
        mem r 1P prot=r
        st r 0 1 1
        ld r 0 1
        fill r 0 4 1
        mprotect r rw
        st r 0 1 7
        ld r 0 8
        mprotect r none
        ld r 0 8
        munmap r
        munmap r
        mem c 4P
        munmap c off=1P len=1P
        ld c 2P 4
        mprotect c r off=2P len=1P
        st c 2P 1 1
        st c 3P 1 1
        eventfd e
        evread e
        evwrite e 3
        evwrite e
        evread e
        evwait e 10
        evany e 10
        evwrite e
        evany e 10
        evwrite e -1
        eventfd f init=5
        evread f
        dup g f
        evwrite g 2
        evread f
        close f
        close f
        evread f
        evread g
        evwait nosuch 5
        evread nosuch
        evwait 77 5
        mem m 2P kind=memfd
        mmap mm m 0 0 2P
        fill m 0 16 7
        ld mm 0 8
        mmap mq m 0 0x800 1P
        mmap mr m 0 0 0
        mmap ms nosuch 0 0 4096
        mmap mt e 0 0 4096
        mmap mu m 0 0 2P prot=r
        st mu 0 4 1
        ld mu 0 4
        rd e 0 0 8
        wr e 0 0 8 1
        rd nosuch 0 0 8
        cfg nosuch 0 16
        raw e v0 null
        raw nosuch v0 null
        raw m v0 u32:3
        raw e i5 u8:1 u16:2 u64:3 hex:0102 zero:8 u32:4
        child ld b 0 4
        child let zz 5
        let zz 6
        child fill b 0 4 9
        ld b 0 4
        child evwrite g 4
        evread g
        touch b 0 4
        touch 0 0 4
        pollmem b 0 1 0 0 10
        pollmem b 0 1 0xff 0x55 10
        pollmem n 0 1 0 0 10
        mem x 0
        mem y 100
        munmap y
        mem z 64K align=2M
        st z 0 8 0x1122334455667788
        ld z 4 2
        rlimit memlock 64K
        unknown_op x
        close 99
        dup h 99
        sleep 1
        driver_wait 1
        set_container nosuch nosuch
        device d nosuch str=abc opt=def
        map nosuch rw 0 0 0
        unmap nosuch 0 0 flags=all|dirty
        dirty nosuch start|get bsize=8
        set_irqs nosuch 0 eventfd|trigger 0 2 fds=a,-1
        set_irqs nosuch 0 bool 0 2 bools=1,0
        hot_reset nosuch fds=a,,b
        feature nosuch get|3 data=0102
        iommu_info nosuch
        dev_info nosuch argsz=4
        region nosuch 3
        irq_info nosuch 1
        hot_info nosuch
        tce_info nosuch
        tce_create nosuch
        eeh nosuch 4 type=1
        ioas_map nosuch 1 fixed|rw 0 0 0
        ioas_ranges nosuch 1
        hw_info nosuch 1
        get_dirty nosuch 1 0 0
        bind nosuch x
        attach nosuch 1
        """;

    [Fact]
    public void Lines_print_what_the_recorded_runner_prints() => Compare(Fixed);

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(3)]
    public void Random_expressions_have_the_values_of_the_recorded_runner(int seed)
    {
        Random random = new(seed);
        StringBuilder script = new("mem buf 1P\nlet one 1\nlet max -1\n");
        for (int i = 0; i < 300; i++)
        {
            // The value becomes visible as bytes of memory: no operation prints a variable.
            script.Append(CultureInfo.InvariantCulture, $"st buf 0 8 {Expression(random)}\nld buf 0 8\nsave v{i % 5} val\n");
        }

        Compare(script.ToString());
    }

    [Theory]
    [InlineData(11)]
    [InlineData(12)]
    public void Random_text_is_split_as_by_the_recorded_runner(int seed)
    {
        const string Alphabet = "ab1 \t\"#=_|-$, ";
        Random random = new(seed);
        StringBuilder script = new();
        for (int i = 0; i < 300; i++)
        {
            script.Append("echo ");
            for (int length = random.Next(30); length > 0; length--) script.Append(Alphabet[random.Next(Alphabet.Length)]);
            script.Append('\n');
        }

        Compare(script.ToString());
    }

    private static string Expression(Random random)
    {
        StringBuilder text = new(random.Next(4) == 0 ? "-" : "");
        for (int terms = random.Next(1, 5); terms > 0; terms--)
        {
            text.Append(random.Next(9) switch
            {
                0 => "0x" + random.NextInt64().ToString("x", CultureInfo.InvariantCulture),
                1 => "0" + random.Next(100).ToString(CultureInfo.InvariantCulture),
                2 => "$one",
                3 => "$v" + random.Next(6).ToString(CultureInfo.InvariantCulture),
                4 => "$PAGE",
                5 => "@none",
                6 => "$max",
                7 => "-" + random.Next(5).ToString(CultureInfo.InvariantCulture),
                _ => random.Next(1000).ToString(CultureInfo.InvariantCulture) + "KMGTPx "[random.Next(7)].ToString().Trim(),
            });
            if (terms > 1) text.Append("+-*+-*/"[random.Next(7)]);
        }

        return text.ToString();
    }

    private static void Compare(string script)
    {
        Assert.SkipWhen(RecordedRunner.WhyNot is not null, RecordedRunner.WhyNot ?? "");
        string text = script.ReplaceLineEndings("\n") + "\n";
        Assert.Equal(RecordedRunner.Run(text), Run(text));
    }

    private static string Run(string script)
    {
        MachineDescription machine = MachineChoice.Load("x86");
        Assert.SkipUnless(machine.PageSize == Environment.SystemPageSize, "this computer's pages are not those of the machine");
        using SoftwareHost host = MachineChoice.Start(machine);
        using SoftwareProcess process = host.CreateProcess("test");
        using StringWriter output = new();
        new ScriptRunner(process, new ScriptMachine([]), output).Run(ScriptParser.Parse(script));
        return output.ToString();
    }
}
