// SPDX-License-Identifier: MIT
using VfioSharp.Kernel;
using VfioSharp.Linux;

namespace VfioSharp.Host.VfioPci;

/// <summary>The text by which a user asks for a device: its address, then options (vfio_pci_core.c: vfio_pci_core_match).</summary>
internal static class DeviceRequest
{
    private const string TokenOption = "vf_token=";
    private const int UuidLength = 36;

    /// <summary>1 when <paramref name="request"/> asks for <paramref name="name"/>, 0 when not; EINVAL for its options.</summary>
    public static KernelResult Match(string request, string name, out Guid? token)
    {
        token = null;
        if (!request.StartsWith(name, StringComparison.Ordinal)) return KernelResult.Ok(0);
        ReadOnlySpan<char> rest = request.AsSpan(name.Length);
        if (!rest.IsEmpty && rest[0] != ' ') return KernelResult.Ok(0);
        while (!rest.IsEmpty)
        {
            if (rest[0] == ' ')
            {
                rest = rest[1..];
                continue;
            }

            if (token is not null || !rest.StartsWith(TokenOption, StringComparison.Ordinal))
            {
                return KernelResult.Fail(Errno.EINVAL, $"GET_DEVICE_FD: \"{rest}\" after {name} is not an option, or a second one");
            }

            rest = rest[TokenOption.Length..];
            if (rest.Length < UuidLength || !IsUuid(rest[..UuidLength]) || !Guid.TryParseExact(rest[..UuidLength], "D", out Guid value))
            {
                return KernelResult.Fail(Errno.EINVAL, $"GET_DEVICE_FD: vf_token \"{rest}\" is not a UUID");
            }

            token = value;
            rest = rest[UuidLength..];
        }

        return KernelResult.Ok(1);
    }

    // lib/uuid.c: uuid_is_valid. Guid takes signs and blanks as well.
    private static bool IsUuid(ReadOnlySpan<char> text)
    {
        for (int i = 0; i < text.Length; i++)
        {
            bool valid = i is 8 or 13 or 18 or 23 ? text[i] == '-' : char.IsAsciiHexDigit(text[i]);
            if (!valid) return false;
        }

        return true;
    }
}
