// SPDX-License-Identifier: MIT
namespace VfioSharp.Guest.Containers;

/// <summary>
/// A device cannot be assigned: at start, or by hot-plug. The message is one sentence with the values that caused it.
/// What was done before is undone.
/// </summary>
public sealed class DeviceAssignmentException : Exception
{
    /// <summary>Makes one.</summary>
    /// <param name="message">Why, in one sentence with the values.</param>
    /// <param name="remedy">What can be done about it; null: unknown.</param>
    /// <param name="innerException">The refusal behind it.</param>
    public DeviceAssignmentException(string message, string? remedy = null, Exception? innerException = null)
        : base(message, innerException) => Remedy = remedy;

    /// <summary>What can be done about it; null: unknown.</summary>
    public string? Remedy { get; }
}
