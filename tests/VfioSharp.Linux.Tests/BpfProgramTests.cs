// SPDX-License-Identifier: MIT
namespace VfioSharp.Linux.Tests;

public sealed class BpfProgramTests
{
    [Fact]
    public void Jumps_are_distances_to_the_next_instructions()
    {
        BpfLabel end = new();
        BpfInstruction[] program = new BpfProgram()
            .Load(BpfProgram.NumberOffset)
            .IfEqual(7, end)
            .And(3)
            .Mark(end).Return(BpfProgram.Allow)
            .Assemble();
        Assert.Equal(new BpfInstruction(0x15, 1, 0, 7), program[1]);
        Assert.Equal(new BpfInstruction(0x06, 0, 0, BpfProgram.Allow), program[3]);
    }

    [Fact]
    public void A_label_that_is_never_set_is_an_error()
    {
        BpfProgram program = new BpfProgram().GoTo(new BpfLabel()).Return(BpfProgram.Allow);
        Assert.Throws<InvalidOperationException>(program.Assemble);
    }

    [Fact]
    public void A_jump_backwards_is_an_error()
    {
        BpfLabel start = new();
        BpfProgram program = new BpfProgram().Mark(start).Load(0).GoTo(start);
        Assert.Throws<InvalidOperationException>(program.Assemble);
    }
}
