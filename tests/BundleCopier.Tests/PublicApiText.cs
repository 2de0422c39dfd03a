using System.Globalization;
using System.Reflection;
using System.Runtime.CompilerServices;
using System.Text;

namespace BundleCopier.Tests;

/// <summary>
/// The public API of an assembly as text: every public type and its members, one a line, sorted, without members that
/// the compiler generates for records.
/// </summary>
internal static class PublicApiText
{
    private const BindingFlags Declared =
        BindingFlags.Public | BindingFlags.NonPublic | BindingFlags.Instance | BindingFlags.Static
        | BindingFlags.DeclaredOnly;

    private static readonly NullabilityInfoContext Nullability = new();

    private static readonly Dictionary<Type, string> Keywords = new()
    {
        [typeof(void)] = "void",
        [typeof(object)] = "object",
        [typeof(string)] = "string",
        [typeof(bool)] = "bool",
        [typeof(byte)] = "byte",
        [typeof(int)] = "int",
        [typeof(uint)] = "uint",
        [typeof(long)] = "long",
        [typeof(ulong)] = "ulong",
        [typeof(double)] = "double",
    };

    public static string Of(Assembly assembly)
    {
        StringBuilder text = new();
        text.Append(CultureInfo.InvariantCulture, $"# {assembly.GetName().Name}\n");
        foreach (Type type in assembly.GetExportedTypes().OrderBy(static t => t.FullName, StringComparer.Ordinal))
        {
            text.Append(CultureInfo.InvariantCulture, $"\n{Header(type)}\n");
            foreach (string member in Members(type))
                text.Append(CultureInfo.InvariantCulture, $"    {member}\n");
        }

        return text.ToString();
    }

    private static string Header(Type type)
    {
        string name = $"{type.Namespace}.{Name(type)}";
        if (type.IsEnum)
            return $"enum {name} : {Name(Enum.GetUnderlyingType(type))}";
        if (typeof(Delegate).IsAssignableFrom(type))
            return $"delegate {name}";
        string kind = type.IsValueType ? "struct" : type.IsInterface ? "interface" : "class";
        string modifiers = kind != "class" ? "" : type switch
        {
            { IsAbstract: true, IsSealed: true } => "static ",
            { IsAbstract: true } => "abstract ",
            { IsSealed: true } => "sealed ",
            _ => "",
        };
        if (type.IsValueType && type.IsDefined(typeof(IsReadOnlyAttribute)))
            modifiers = "readonly ";
        Type? parent = type.BaseType is { } b && b != typeof(object) && b != typeof(ValueType) ? b : null;
        IEnumerable<string> above = type.GetInterfaces()
            .Where(i => i != typeof(IEquatable<>).MakeGenericType(type))
            .Where(i => parent is null || !parent.GetInterfaces().Contains(i))
            .Select(Name)
            .Order(StringComparer.Ordinal);
        if (parent is not null)
            above = above.Prepend(Name(parent));
        string bases = string.Join(", ", above);
        string record = IsRecord(type) ? "record " : "";
        return $"{modifiers}{record}{kind} {name}{(bases.Length > 0 ? $" : {bases}" : "")}";
    }

    private static IEnumerable<string> Members(Type type)
    {
        if (type.IsEnum)
        {
            return type.GetFields(BindingFlags.Public | BindingFlags.Static)
                .Select(static f =>
                    (f.Name, Value: Convert.ToInt64(f.GetRawConstantValue(), CultureInfo.InvariantCulture)))
                .OrderBy(static f => f.Value)
                .Select(static f => $"{f.Name} = {f.Value}");
        }

        if (typeof(Delegate).IsAssignableFrom(type))
            return [Method(type.GetMethod("Invoke")!)];
        return type.GetMembers(Declared)
            .Where(static m => !m.IsDefined(typeof(CompilerGeneratedAttribute)))
            .Select(static m => m switch
            {
                ConstructorInfo made when IsVisible(made) => $"new({Parameters(made)})",
                PropertyInfo property => Property(property),
                FieldInfo field when field.IsPublic || field.IsFamily || field.IsFamilyOrAssembly => Field(field),
                EventInfo happening when happening.AddMethod is { } add && IsVisible(add) =>
                    $"event {Name(happening.EventHandlerType!)} {happening.Name}",
                MethodInfo method when IsVisible(method)
                    && (!method.IsSpecialName || method.Name.StartsWith("op_", StringComparison.Ordinal)) =>
                    Method(method),
                _ => null,
            })
            .OfType<string>()
            .Order(StringComparer.Ordinal);
    }

    private static string? Property(PropertyInfo property)
    {
        List<string> accessors = [];
        if (property.GetMethod is { } get && IsVisible(get))
            accessors.Add("get;");
        if (property.SetMethod is { } set && IsVisible(set))
            accessors.Add(
                set.ReturnParameter.GetRequiredCustomModifiers().Contains(typeof(IsExternalInit)) ? "init;" : "set;");
        if (accessors.Count == 0)
            return null;
        string modifiers = (property.GetMethod ?? property.SetMethod)!.IsStatic ? "static " : "";
        string required = property.IsDefined(typeof(RequiredMemberAttribute)) ? "required " : "";
        return $"{modifiers}{required}{Name(Nullability.Create(property))} {property.Name} "
            + $"{{ {string.Join(' ', accessors)} }}";
    }

    private static string Field(FieldInfo field)
    {
        string modifiers = field.IsLiteral ? "const "
            : $"{(field.IsStatic ? "static " : "")}{(field.IsInitOnly ? "readonly " : "")}";
        string value = field.IsLiteral ? $" = {Literal(field.GetRawConstantValue())}" : "";
        return $"{modifiers}{Name(Nullability.Create(field))} {field.Name}{value}";
    }

    private static string Method(MethodInfo method)
    {
        string modifiers = method.IsStatic ? "static " : method.GetBaseDefinition() != method ? "override " : "";
        string types = method.IsGenericMethod ? $"<{string.Join(", ", method.GetGenericArguments().Select(Name))}>"
            : "";
        string extends = method.IsDefined(typeof(ExtensionAttribute)) ? "this " : "";
        return $"{modifiers}{Name(Nullability.Create(method.ReturnParameter))} {method.Name}{types}"
            + $"({extends}{Parameters(method)})";
    }

    private static string Parameters(MethodBase method) => string.Join(", ", method.GetParameters().Select(static p =>
    {
        string way = p.IsOut ? "out " : p.ParameterType.IsByRef ? "ref " : "";
        string value = p.HasDefaultValue ? $" = {Literal(p.DefaultValue)}" : "";
        return $"{way}{Name(Nullability.Create(p))} {p.Name}{value}";
    }));

    private static string Literal(object? value) => value switch
    {
        null => "default",
        string text => $"\"{text}\"",
        bool flag => flag ? "true" : "false",
        _ => Convert.ToString(value, CultureInfo.InvariantCulture)!,
    };

    private static string Name(NullabilityInfo info)
    {
        Type type = info.Type.IsByRef ? info.Type.GetElementType()! : info.Type;
        if (info.ElementType is { } element)
            return $"{Name(element)}[]{Mark(info)}";
        if (Nullable.GetUnderlyingType(type) is { } value)
            return $"{Name(value)}?";
        return info.GenericTypeArguments.Length == 0
            ? $"{Name(type)}{Mark(info)}"
            : $"{Bare(type)}<{string.Join(", ", info.GenericTypeArguments.Select(Name))}>{Mark(info)}";
    }

    private static string Mark(NullabilityInfo info) =>
        !info.Type.IsValueType && info.ReadState == NullabilityState.Nullable ? "?" : "";

    private static string Name(Type type)
    {
        if (Keywords.TryGetValue(type, out string? keyword))
            return keyword;
        string name = type.IsGenericType
            ? $"{Bare(type)}<{string.Join(", ", type.GetGenericArguments().Select(Name))}>" : type.Name;
        return type is { IsNested: true, IsGenericParameter: false } ? $"{Name(type.DeclaringType!)}.{name}" : name;
    }

    private static string Bare(Type type) => type.Name[..type.Name.IndexOf('`', StringComparison.Ordinal)];

    private static bool IsVisible(MethodBase method) => method.IsPublic || method.IsFamily || method.IsFamilyOrAssembly;

    // The compiler generates a copy method for a record class, and a print method for every record.
    private static bool IsRecord(Type type) => type.GetMethod("PrintMembers", Declared) is not null;
}
