using System.Reflection;
using System.Reflection.Emit;
using System.Reflection.Metadata;
using System.Reflection.Metadata.Ecma335;
using System.Reflection.PortableExecutable;

namespace BundleCopier.Benchmarks;

/// <summary>
/// Writes a profile in the format of the native compiler's option --mibc: an assembly whose code never runs. Its
/// global method AssemblyDictionary names one global method for each profiled assembly, and these methods hold the
/// profile as instructions (dotnet/runtime, MIbcProfileParser.cs). The same profile makes the same bytes.
/// </summary>
internal static class MibcFile
{
    // Flags for "all four fields follow": offset, kind, number of counts, other (PgoFormat.cs).
    private const int AllFields = 15;

    public static void Write(string path, Assembly profiled, IEnumerable<MethodProfile> methods)
    {
        PersistedAssemblyBuilder assembly = new(
            new AssemblyName(Path.GetFileNameWithoutExtension(path)), typeof(object).Assembly);
        ModuleBuilder module = assembly.DefineDynamicModule(Path.GetFileName(path));

        MethodBuilder group = DefineMethod(module, "Methods");
        ILGenerator code = group.GetILGenerator();
        foreach (MethodProfile method in methods)
            WriteMethod(code, method);

        MethodBuilder dictionary = DefineMethod(module, "AssemblyDictionary");
        code = dictionary.GetILGenerator();
        code.Emit(OpCodes.Ldstr, profiled.GetName().Name + ";");
        code.Emit(OpCodes.Ldtoken, group);
        code.Emit(OpCodes.Pop);

        module.CreateGlobalFunctions();
        File.WriteAllBytes(path, Serialize(assembly));
    }

    private static MethodBuilder DefineMethod(ModuleBuilder module, string name) =>
        module.DefineGlobalMethod(
            name, MethodAttributes.Public | MethodAttributes.Static, typeof(void), Type.EmptyTypes);

    private static void WriteMethod(ILGenerator code, MethodProfile profile)
    {
        code.Emit(OpCodes.Ldtoken, profile.Method);
        // Our own field: the compiler ignores unknown names, and a test detects a changed method by it.
        code.Emit(OpCodes.Ldstr, "IlBytes");
        code.Emit(OpCodes.Ldc_I4, profile.IlBytes);
        code.Emit(OpCodes.Ldstr, "InstrumentationDataStart");
        foreach (ProfileCounter counter in profile.Counters)
        {
            int[] values = [AllFields, counter.Offset, counter.Kind, 1, counter.Other, counter.Count];
            foreach (int value in values)
                code.Emit(OpCodes.Ldc_I4, value);
        }

        code.Emit(OpCodes.Ldstr, "InstrumentationDataEnd");
        code.Emit(OpCodes.Pop);
    }

    private static byte[] Serialize(PersistedAssemblyBuilder assembly)
    {
        MetadataBuilder metadata = assembly.GenerateMetadata(out BlobBuilder code, out _);
        ManagedPEBuilder builder = new(
            PEHeaderBuilder.CreateLibraryHeader(),
            new MetadataRootBuilder(metadata),
            code,
            // In place of a timestamp, so that the bytes are always the same.
            deterministicIdProvider: _ => default);
        BlobBuilder image = new();
        builder.Serialize(image);
        byte[] bytes = image.ToArray();

        // Identifies the module.
        using PEReader pe = new(new MemoryStream(bytes));
        int guids = pe.PEHeaders.MetadataStartOffset + pe.GetMetadataReader().GetHeapMetadataOffset(HeapIndex.Guid);
        bytes.AsSpan(guids, 16).Clear();
        return bytes;
    }
}
