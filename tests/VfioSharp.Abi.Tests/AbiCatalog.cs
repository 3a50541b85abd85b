// SPDX-License-Identifier: MIT
using System.Globalization;
using System.Reflection;
using System.Reflection.Emit;
using System.Runtime.CompilerServices;
using System.Text.RegularExpressions;

namespace VfioSharp.Abi.Tests;

/// <summary>Every fact that the assembly states about the C headers, found by reflection.</summary>
internal static partial class AbiCatalog
{
    /// <summary>All facts.</summary>
    public static IReadOnlyList<AbiFact> Facts { get; } = [.. PublicTypes().SelectMany(FactsOf)];

    /// <summary>Public structures and constant classes, without what only serves their declaration.</summary>
    public static IEnumerable<Type> PublicTypes() =>
        typeof(CNameAttribute).Assembly.GetExportedTypes()
            .Where(type => !type.IsSubclassOf(typeof(Attribute)))
            // An inline array is the type of a member, and checked as that.
            .Where(type => type.GetCustomAttribute<InlineArrayAttribute>() is null)
            .OrderBy(type => type.FullName, StringComparer.Ordinal);

    private static IEnumerable<AbiFact> FactsOf(Type type) => type.IsValueType ? FactsOfStructure(type) : FactsOfConstants(type);

    private static IEnumerable<AbiFact> FactsOfStructure(Type type)
    {
        var name = type.GetCustomAttribute<CNameAttribute>()?.Name
            ?? throw new InvalidOperationException($"{type} has no CName: nothing could check it.");
        yield return new AbiFact(AbiFactKind.Size, name, "", (ulong)SizeOf(type), 0, "", SinceOf(type));
        foreach (var field in type.GetFields(BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic))
            yield return new AbiFact(AbiFactKind.Member, name, MemberName(field),
                (ulong)OffsetOf(field), SizeOf(field.FieldType), "", SinceOf(field) ?? SinceOf(type));
    }

    private static IEnumerable<AbiFact> FactsOfConstants(Type type)
    {
        foreach (var field in type.GetFields(BindingFlags.Static | BindingFlags.Public | BindingFlags.NonPublic))
        {
            var name = field.GetCustomAttribute<CNameAttribute>()?.Name
                ?? throw new InvalidOperationException($"{type}.{field.Name} has no CName: nothing could check it.");
            var value = field.GetRawConstantValue();
            yield return value is string text
                ? new AbiFact(AbiFactKind.Text, name, "", 0, 0, text, SinceOf(field))
                : new AbiFact(AbiFactKind.Number, name, "", Convert.ToUInt64(value, CultureInfo.InvariantCulture),
                    SizeOf(field.FieldType), "", SinceOf(field));
        }
    }

    private static string MemberName(FieldInfo field) =>
        field.GetCustomAttribute<CNameAttribute>()?.Name ?? WordStart().Replace(field.Name, "_$0").ToLowerInvariant();

    private static Version? SinceOf(MemberInfo member) =>
        member.GetCustomAttribute<SinceLinuxAttribute>() is { } since ? Version.Parse(since.Version) : null;

    /// <summary>Bytes of any value type; Marshal knows no generic ones.</summary>
    private static int SizeOf(Type type)
    {
        var method = new DynamicMethod("size", typeof(int), null, typeof(AbiCatalog).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        il.Emit(OpCodes.Sizeof, type);
        il.Emit(OpCodes.Ret);
        return (int)method.Invoke(null, null)!;
    }

    /// <summary>Distance of a field from the start of its structure.</summary>
    private static int OffsetOf(FieldInfo field)
    {
        var method = new DynamicMethod("offset", typeof(int), null, typeof(AbiCatalog).Module, skipVisibility: true);
        var il = method.GetILGenerator();
        var local = il.DeclareLocal(field.DeclaringType!);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Ldflda, field);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Ldloca, local);
        il.Emit(OpCodes.Conv_U);
        il.Emit(OpCodes.Sub);
        il.Emit(OpCodes.Conv_I4);
        il.Emit(OpCodes.Ret);
        return (int)method.Invoke(null, null)!;
    }

    [GeneratedRegex("(?<=[a-z0-9])[A-Z]")]
    private static partial Regex WordStart();
}
