#:property PublishAot=false
#:property EnforceCodeStyleInBuild=false
#:property ManagePackageVersionsCentrally=false

// Removes from the XML documentation beside an assembly all members that users of the assembly cannot see.
//
// Usage: dotnet run --file PublicDocs.cs -- ASSEMBLY.dll REFERENCES.txt
// REFERENCES.txt has the path of each assembly that this one needs, one on a line.
using System.Globalization;
using System.Reflection;
using System.Runtime.Loader;
using System.Xml.Linq;

string path = Path.GetFullPath(args[0]);
Dictionary<string, string> references = File.ReadAllLines(args[1])
    .DistinctBy(Path.GetFileNameWithoutExtension).ToDictionary(static line => Path.GetFileNameWithoutExtension(line));
AssemblyLoadContext.Default.Resolving += (context, name) =>
    references.TryGetValue(name.Name!, out string? found) ? context.LoadFromAssemblyPath(found) : null;

HashSet<string> visible = [];
foreach (Type type in AssemblyLoadContext.Default.LoadFromAssemblyPath(path).GetExportedTypes())
{
    visible.Add("T:" + NameOf(type));
    const BindingFlags Declared = BindingFlags.DeclaredOnly | BindingFlags.Public | BindingFlags.NonPublic
        | BindingFlags.Instance | BindingFlags.Static;
    foreach (FieldInfo field in type.GetFields(Declared).Where(static f => f.IsPublic || f.IsFamily))
        visible.Add($"F:{NameOf(type)}.{field.Name}");
    foreach (EventInfo member in type.GetEvents(Declared).Where(static e => IsVisible(e.AddMethod)))
        visible.Add($"E:{NameOf(type)}.{member.Name}");
    foreach (PropertyInfo property in type.GetProperties(Declared)
        .Where(static p => IsVisible(p.GetMethod) || IsVisible(p.SetMethod)))
        visible.Add($"P:{NameOf(type)}.{Plain(property.Name)}{Parameters(property.GetIndexParameters())}");
    foreach (MethodBase method in type.GetMethods(Declared).Concat<MethodBase>(type.GetConstructors(Declared))
        .Where(IsVisible))
        visible.Add(IdOf(type, method));
}

string documentation = Path.ChangeExtension(path, ".xml");
XDocument document = XDocument.Load(documentation, LoadOptions.PreserveWhitespace);
XElement[] members = [.. document.Descendants("member")];
XElement[] hidden = [.. members.Where(member => !visible.Contains((string)member.Attribute("name")!))];
foreach (XElement member in hidden)
{
    (member.PreviousNode as XText)?.Remove();
    member.Remove();
}
document.Save(documentation, SaveOptions.DisableFormatting);
Console.WriteLine($"{Path.GetFileName(documentation)}: {members.Length - hidden.Length} members, "
    + $"{hidden.Length} that users cannot see were removed");
return members.Length > hidden.Length ? 0 : 1;

static bool IsVisible(MethodBase? method) => method is { IsPublic: true } or { IsFamily: true }
    or { IsFamilyOrAssembly: true };

static string Plain(string name) => name.Replace('.', '#').Replace('<', '{').Replace('>', '}').Replace(',', '@');

static string IdOf(Type type, MethodBase method)
{
    string arity = method.IsGenericMethodDefinition ? $"``{method.GetGenericArguments().Length}" : "";
    string result = method is MethodInfo { Name: "op_Implicit" or "op_Explicit" } conversion
        ? "~" + Spell(conversion.ReturnType) : "";
    return $"M:{NameOf(type)}.{Plain(method.Name)}{arity}{Parameters(method.GetParameters())}{result}";
}

static string Parameters(ParameterInfo[] parameters) => parameters.Length == 0 ? ""
    : $"({string.Join(',', parameters.Select(static parameter => Spell(parameter.ParameterType)))})";

static string NameOf(Type type) => type.FullName!.Replace('+', '.');

// A type as it stands in the list of parameters: List{System.String}, `0, ``1, System.Int32[], System.Int32@.
static string Spell(Type type)
{
    if (type.IsByRef)
        return Spell(type.GetElementType()!) + "@";
    if (type.IsPointer)
        return Spell(type.GetElementType()!) + "*";
    if (type.IsArray)
    {
        int rank = type.GetArrayRank();
        string bounds = rank == 1 ? "" : string.Join(',', Enumerable.Repeat("0:", rank));
        return $"{Spell(type.GetElementType()!)}[{bounds}]";
    }

    if (type.IsGenericParameter)
        return (type.DeclaringMethod is null ? "`" : "``")
            + type.GenericParameterPosition.ToString(CultureInfo.InvariantCulture);
    if (!type.IsGenericType)
        return NameOf(type);

    // Each part of a nested type's name takes its own share of the arguments.
    Queue<Type> arguments = new(type.GetGenericArguments());
    IEnumerable<string> parts = type.GetGenericTypeDefinition().FullName!.Split('+').Select(part =>
    {
        int tick = part.IndexOf('`', StringComparison.Ordinal);
        if (tick < 0)
            return part;
        int count = int.Parse(part[(tick + 1)..], CultureInfo.InvariantCulture);
        string[] own = [.. Enumerable.Range(0, count).Select(_ => Spell(arguments.Dequeue()))];
        return $"{part[..tick]}{{{string.Join(',', own)}}}";
    });
    return string.Join('.', parts);
}
