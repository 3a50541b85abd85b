// SPDX-License-Identifier: MIT
using System.Diagnostics.CodeAnalysis;
using System.Reflection;
using System.Text;
using VfioSharp.Abi;

namespace VfioSharp.Kernel.Requests;

/// <summary>The fields of a structure of the ABI, as its declaration there has them.</summary>
public sealed class StructureShape
{
    private readonly List<StructureField> _fields = [];

    private StructureShape()
    {
    }

    /// <summary>The fields in order, those of structures within it included.</summary>
    public IReadOnlyList<StructureField> Fields => _fields;

    /// <summary>Bytes of the structure, without what may follow it.</summary>
    public int Size { get; private set; }

    /// <summary>Reads the shape off a structure's declaration.</summary>
    /// <param name="inner">Shapes of the structures within it, in order.</param>
    /// <param name="names">Names of values, by the field's name in C.</param>
    internal static StructureShape Of<[DynamicallyAccessedMembers(DynamicallyAccessedMemberTypes.PublicFields)] T>(
        StructureShape[]? inner = null, params (string Field, FieldNames Names)[] names)
        where T : unmanaged
    {
        var shape = new StructureShape();
        int offset = 0;
        int inners = 0;
        foreach (FieldInfo field in typeof(T).GetFields(BindingFlags.Instance | BindingFlags.Public))
        {
            string name = NameOf(field);
            if (SizeOf(field.FieldType) is { } size)
            {
                offset = AlignUp(offset, size);
                bool isSigned = Type.GetTypeCode(field.FieldType) is TypeCode.SByte or TypeCode.Int16 or TypeCode.Int32 or TypeCode.Int64;
                shape._fields.Add(new StructureField(name, offset, size, isSigned, Array.Find(names, entry => entry.Field == name).Names));
                offset += size;
                continue;
            }

            StructureShape within = inner![inners++];
            offset = AlignUp(offset, within._fields.Max(part => part.Size));
            foreach (StructureField part in within._fields) shape._fields.Add(part.Within(name, offset));
            offset += within.Size;
        }

        shape.Size = System.Runtime.CompilerServices.Unsafe.SizeOf<T>();
        return shape;
    }

    private static int AlignUp(int offset, int size) => (offset + size - 1) & -size;

    private static int? SizeOf(Type type) => Type.GetTypeCode(type) switch
    {
        TypeCode.Byte or TypeCode.SByte => 1,
        TypeCode.UInt16 or TypeCode.Int16 => 2,
        TypeCode.UInt32 or TypeCode.Int32 => 4,
        TypeCode.UInt64 or TypeCode.Int64 => 8,
        _ => null,
    };

    // CNameAttribute: a field without it has the name that its own spells.
    private static string NameOf(FieldInfo field)
    {
        if (field.GetCustomAttribute<CNameAttribute>() is { } given) return given.Name;
        var name = new StringBuilder();
        for (int i = 0; i < field.Name.Length; i++)
        {
            char letter = field.Name[i];
            if (i > 0 && char.IsUpper(letter)) name.Append('_');
            name.Append(char.ToLowerInvariant(letter));
        }

        return name.ToString();
    }
}
