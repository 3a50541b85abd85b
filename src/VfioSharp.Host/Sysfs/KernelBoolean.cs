// SPDX-License-Identifier: MIT
namespace VfioSharp.Host.Sysfs;

/// <summary>A boolean as the kernel reads it from attributes and parameters (lib/kstrtox.c: kstrtobool).</summary>
internal static class KernelBoolean
{
    /// <summary>By the first character; of "on" and "off" by the second.</summary>
    public static bool TryParse(string text, out bool value)
    {
        string start = text.Length == 0 ? "" : text[..Math.Min(2, text.Length)].ToLowerInvariant();
        value = start.Length != 0 && (start[0] is 'y' or 't' or 'e' or '1' || start == "on");
        return value || (start.Length != 0 && (start[0] is 'n' or 'f' or 'd' or '0' || start == "of"));
    }
}
