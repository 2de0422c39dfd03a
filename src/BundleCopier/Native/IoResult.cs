using System.Diagnostics.CodeAnalysis;

namespace BundleCopier.Native;

/// <summary>The result of a system call that returns a number: the number, or the error.</summary>
internal readonly record struct IoResult(long Value, Errno Error)
{
    public static IoResult Done => default;

    public bool IsOk => !Error.IsError;

    public static IoResult Ok(long value) => new(value, Errno.None);

    public static IoResult Failed(int errno) => new(-1, new Errno(errno));

    public static IoResult Failed(Errno error) => new(-1, error);
}

/// <summary>
/// The result of a system call that creates an object: the object, which the caller owns, or the error.
/// </summary>
internal readonly struct IoResult<T>
    where T : class
{
    private IoResult(T? value, Errno error)
    {
        Value = value;
        Error = error;
    }

    public T? Value { get; }

    public Errno Error { get; }

    public static IoResult<T> Ok(T value) => new(value, Errno.None);

    public static IoResult<T> Failed(int errno) => new(null, new Errno(errno));

    public static IoResult<T> Failed(Errno error) => new(null, error);

    /// <summary>True with the value; false with the error.</summary>
    public bool Try([NotNullWhen(true)] out T? value, out Errno error)
    {
        value = Value;
        error = Error;
        return value is not null;
    }
}
