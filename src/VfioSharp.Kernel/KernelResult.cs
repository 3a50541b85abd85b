// SPDX-License-Identifier: MIT
using VfioSharp.Linux;

namespace VfioSharp.Kernel;

/// <summary>
/// What a kernel call returned: a value that is not negative, or an error number <em>and the reason</em>.
/// A value, never an exception: a caller's mistake is an ordinary answer.
/// </summary>
/// <remarks>
/// Success allocates nothing. A refusal carries one sentence for a person, with the values that caused it.
/// The real kernel gives no reasons: there <see cref="Reason"/> is <see langword="null"/>.
/// Some of Linux's oddities are positive returns that mean a refusal: these may carry a reason too.
/// </remarks>
public readonly struct KernelResult : IEquatable<KernelResult>
{
    private readonly long _value;

    private KernelResult(long value, string? reason)
    {
        _value = value;
        Reason = reason;
    }

    /// <summary>Zero: done, nothing to report.</summary>
    public static KernelResult Success => default;

    /// <summary>Why the call was refused, for a person; null where the kernel did not say.</summary>
    public string? Reason { get; }

    /// <summary>Whether the call failed.</summary>
    public bool IsError => _value < 0;

    /// <summary>Whether the call succeeded.</summary>
    public bool IsSuccess => _value >= 0;

    /// <summary>The value returned; negative is the error number, as the system call interface has it.</summary>
    public long RawValue => _value;

    /// <summary>The value of a call that succeeded (a descriptor, a byte count, a flag), else -1 as libc gives it.</summary>
    public long Value => _value < 0 ? -1 : _value;

    /// <summary>The error, or <see cref="Errno.None"/>.</summary>
    public Errno Errno => _value < 0 ? (Errno)(-_value) : Errno.None;

    /// <summary>A call that succeeded with <paramref name="value"/>, which is not negative.</summary>
    public static KernelResult Ok(long value)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new KernelResult(value, null);
    }

    /// <summary>A positive return that tells the caller no (one of Linux's oddities), with its reason.</summary>
    public static KernelResult Odd(long value, string reason)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(value);
        return new KernelResult(value, reason);
    }

    /// <summary>A refusal.</summary>
    /// <param name="errno">What the caller's errno becomes.</param>
    /// <param name="reason">One sentence that names the values which caused it.</param>
    public static KernelResult Fail(Errno errno, string reason)
    {
        ArgumentNullException.ThrowIfNull(reason);
        return new KernelResult(-(long)errno, reason);
    }

    /// <summary>A refusal by a kernel that gives no reasons.</summary>
    public static KernelResult FailSilently(Errno errno) => new(-(long)errno, null);

    /// <inheritdoc/>
    public bool Equals(KernelResult other) => _value == other._value && Reason == other.Reason;

    /// <inheritdoc/>
    public override bool Equals(object? obj) => obj is KernelResult other && Equals(other);

    /// <inheritdoc/>
    public override int GetHashCode() => HashCode.Combine(_value, Reason);

    /// <summary>Equality by value and reason.</summary>
    public static bool operator ==(KernelResult left, KernelResult right) => left.Equals(right);

    /// <summary>Inequality by value and reason.</summary>
    public static bool operator !=(KernelResult left, KernelResult right) => !left.Equals(right);

    /// <summary>The errno's name and the reason, or the value.</summary>
    public override string ToString() => !IsError
        ? _value.ToString(System.Globalization.CultureInfo.InvariantCulture)
        : Reason is null ? Errno.ToString() : $"{Errno}: {Reason}";
}
