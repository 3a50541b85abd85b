// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;

namespace VfioSharp.Supervisor.Calls;

/// <summary>What becomes of an intercepted call.</summary>
internal enum CallOutcome
{
    /// <summary>The kernel carries it out: it was not for the host.</summary>
    Continue,

    /// <summary>It returns <see cref="CallAnswer.Result"/>.</summary>
    Answer,

    /// <summary>Another thread answers when it is done; the caller waits.</summary>
    Later,
}

/// <summary>An intercepted call's outcome.</summary>
internal readonly record struct CallAnswer(CallOutcome Outcome, KernelResult Result)
{
    public static CallAnswer Continue => new(CallOutcome.Continue, default);

    public static CallAnswer Later => new(CallOutcome.Later, default);

    public static implicit operator CallAnswer(KernelResult result) => new(CallOutcome.Answer, result);
}
