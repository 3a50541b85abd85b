// SPDX-License-Identifier: MIT
using System.Diagnostics.CodeAnalysis;
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp;

/// <summary>
/// A kernel refused a call. The message says what was asked, of what, the errno, why, and what to do.
/// Only the client library throws it; a wrong argument that no kernel ever saw is an
/// <see cref="ArgumentException"/>.
/// </summary>
public sealed class VfioException : IOException
{
    internal VfioException(string operation, string subject, Errno errno, string reason, string? remedy)
        : base(Format(operation, subject, errno, reason, remedy))
    {
        Operation = operation;
        Subject = subject;
        Errno = errno;
        Reason = reason;
        Remedy = remedy;
    }

    /// <summary>The error number the kernel answered with.</summary>
    public Errno Errno { get; }

    /// <summary>What was asked, in VFIO's terms: <c>MAP_DMA</c>, <c>SET_CONTAINER</c>, <c>open</c>.</summary>
    public string Operation { get; }

    /// <summary>What it was asked of: <c>container</c>, <c>group 15</c>, <c>device 0000:03:00.0</c>.</summary>
    public string Subject { get; }

    /// <summary>
    /// Why: the kernel's own sentence when it gives one (the software host does), else what this errno means for
    /// this operation.
    /// </summary>
    public string Reason { get; }

    /// <summary>What can be done about it, where that is known.</summary>
    public string? Remedy { get; }

    /// <summary>Throws when <paramref name="result"/> is a refusal. The path of success allocates nothing.</summary>
    internal static void ThrowIfError(KernelResult result, string operation, KernelFile file)
    {
        if (result.IsError) Throw(result, operation, file.Description);
    }

    /// <summary>Throws for <paramref name="result"/>, which is a refusal.</summary>
    [DoesNotReturn]
    internal static void Throw(KernelResult result, string operation, string subject) =>
        throw Create(result, operation, subject);

    /// <summary>The exception for <paramref name="result"/>, which is a refusal.</summary>
    internal static VfioException Create(KernelResult result, string operation, string subject)
    {
        (string why, string? remedy) = Refusals.Explain(operation, result.Errno);
        return new VfioException(operation, subject, result.Errno, result.Reason ?? why, remedy);
    }

    private static string Format(string operation, string subject, Errno errno, string reason, string? remedy)
    {
        string message = $"{operation} on {subject} failed with {errno}: {reason.TrimEnd('.')}.";
        return remedy is null ? message : $"{message} {remedy.TrimEnd('.')}.";
    }
}
