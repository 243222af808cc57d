using System.Reflection;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Etl.Sources.Mongo;

/// <summary>
/// The functions of MongoDB's C driver that we call, and nothing more. Every string crosses as UTF-8.
/// Works with libmongoc 1.21 and later and with 2.x; which library was found is decided once, at the first call.
/// </summary>
internal static unsafe partial class Libmongoc
{
    const string Mongoc = "mongoc", LibBson = "bson";

    /// <summary>Version 2 of the error API: server errors come in a domain of their own, with the server's code.</summary>
    public const int ErrorApi = 2;

    /// <summary>Size and alignment of a bson_t, which the caller provides for a reply.</summary>
    const int BsonStructSize = 128;

    static readonly Lock Gate = new();
    static bool initialised;

    /// <summary>Messages of the driver's own log at level warning or worse since they were last taken; unknown URI options show only here.</summary>
    static readonly List<string> Warnings = [];

    static Libmongoc() => NativeLibrary.SetDllImportResolver(typeof(Libmongoc).Assembly, Resolve);

    /// <exception cref="UnavailableException">No libmongoc on this machine.</exception>
    public static void Initialise()
    {
        lock (Gate)
        {
            if (initialised)
                return;
            // Nobody reads the driver's counters; in shared memory they would outlive a killed process, and the next of its number be warned of them.
            if (!OperatingSystem.IsWindows())
                _ = SetEnvironment("MONGOC_DISABLE_SHM", "1", 0);
            try
            {
                mongoc_init();
            }
            catch (DllNotFoundException e)
            {
                throw new UnavailableException(
                    "The MongoDB C driver (libmongoc) is not installed. Install it: 'apt-get install libmongoc-1.0-0' on Debian 12 and Ubuntu, " +
                    $"'apt-get install libmongoc2-2' on newer ones, 'brew install mongo-c-driver' on macOS; or run 'make setup'; or set {FolderVariable} to the folder that holds it.", e);
            }
            mongoc_log_set_handler(&OnLog, null);
            initialised = true;
        }
    }

    /// <summary>Takes the driver's warnings since the last call.</summary>
    public static IReadOnlyList<string> TakeWarnings()
    {
        lock (Warnings)
        {
            string[] taken = [.. Warnings];
            Warnings.Clear();
            return taken;
        }
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnLog(int level, byte* domain, byte* message, void* context)
    {
        const int warning = 2, kept = 100;
        if (level > warning)
            return;
        lock (Warnings)
            if (Warnings.Count < kept)
                Warnings.Add(Marshal.PtrToStringUTF8((nint)message) ?? "");
    }

    /// <summary>A folder: the driver is taken from there and from nowhere else, for one that was built by hand or must not be the system's.</summary>
    const string FolderVariable = "QUALITY_LIBMONGOC";

    static nint Resolve(string name, Assembly assembly, DllImportSearchPath? path)
    {
        string? folder = Environment.GetEnvironmentVariable(FolderVariable);
        string[] candidates = name switch
        {
            Mongoc => ["libmongoc-1.0.so.0", "libmongoc2.so.2", "libmongoc-1.0.so", "libmongoc2.so", "libmongoc-1.0.0.dylib", "libmongoc2.2.dylib", "libmongoc-1.0.dylib", "libmongoc2.dylib", "mongoc-1.0.dll", "mongoc2.dll"],
            LibBson => ["libbson-1.0.so.0", "libbson2.so.2", "libbson-1.0.so", "libbson2.so", "libbson-1.0.0.dylib", "libbson2.2.dylib", "libbson-1.0.dylib", "libbson2.dylib", "bson-1.0.dll", "bson2.dll"],
            _ => [],
        };
        foreach (string candidate in candidates)
            if (NativeLibrary.TryLoad(folder is { Length: > 0 } ? Path.Combine(Path.GetFullPath(folder), candidate) : candidate, out nint handle))
                return handle;
        return 0; // the runtime then throws DllNotFoundException
    }

    /// <summary>The driver's <c>bson_error_t</c>.</summary>
    [StructLayout(LayoutKind.Sequential)]
    public struct Error
    {
        public uint Domain, Code;
        fixed byte text[504];

        public readonly string Message
        {
            get
            {
                fixed (byte* p = text)
                    return Marshal.PtrToStringUTF8((nint)p) ?? "";
            }
        }
    }

    /// <summary>The bytes of a bson_t; valid as long as it is.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ReadOnlySpan<byte> Bytes(nint bson) => new(bson_get_data(bson), *(int*)(bson + 4)); // { flags, length, … }

    public static nint AllocateReply() => (nint)NativeMemory.AlignedAlloc(BsonStructSize, BsonStructSize);

    public static void FreeReply(nint reply)
    {
        bson_destroy(reply);
        NativeMemory.AlignedFree((void*)reply);
    }

    /// <summary>.NET keeps an environment of its own, which libraries do not see.</summary>
    [LibraryImport("libc", EntryPoint = "setenv", StringMarshalling = StringMarshalling.Utf8)]
    private static partial int SetEnvironment(string name, string value, int overwrite);

    [LibraryImport(Mongoc)]
    private static partial void mongoc_init();

    [LibraryImport(Mongoc)]
    private static partial void mongoc_log_set_handler(delegate* unmanaged[Cdecl]<int, byte*, byte*, void*, void> handler, void* context);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint mongoc_uri_new_with_error(string uri, Error* error);

    [LibraryImport(Mongoc)]
    public static partial void mongoc_uri_destroy(nint uri);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_uri_get_database(nint uri);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    public static partial int mongoc_uri_get_option_as_int32(nint uri, string option, int fallback);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_uri_set_option_as_int32(nint uri, string option, int value);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_uri_set_appname(nint uri, string name);

    /// <summary>Belongs to the URI.</summary>
    [LibraryImport(Mongoc)]
    public static partial nint mongoc_uri_get_read_concern(nint uri);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_read_concern_get_level(nint readConcern);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_client_pool_new_with_error(nint uri, Error* error);

    [LibraryImport(Mongoc)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_client_pool_set_error_api(nint pool, int version);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_client_pool_pop(nint pool);

    [LibraryImport(Mongoc)]
    public static partial void mongoc_client_pool_push(nint pool, nint client);

    [LibraryImport(Mongoc)]
    public static partial void mongoc_client_pool_destroy(nint pool);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_client_get_read_prefs(nint client);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint mongoc_client_get_collection(nint client, string database, string collection);

    [LibraryImport(Mongoc)]
    public static partial void mongoc_collection_destroy(nint collection);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_collection_find_with_opts(nint collection, nint filter, nint options, nint readPreference);

    [LibraryImport(Mongoc)]
    public static partial nint mongoc_collection_aggregate(nint collection, int flags, nint pipeline, nint options, nint readPreference);

    [LibraryImport(Mongoc)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_cursor_next(nint cursor, nint* document);

    [LibraryImport(Mongoc)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_cursor_error_document(nint cursor, Error* error, nint* reply);

    [LibraryImport(Mongoc)]
    public static partial void mongoc_cursor_destroy(nint cursor);

    [LibraryImport(Mongoc, StringMarshalling = StringMarshalling.Utf8)]
    [return: MarshalAs(UnmanagedType.U1)]
    public static partial bool mongoc_client_command_simple(nint client, string database, nint command, nint readPreference, nint reply, Error* error);

    [LibraryImport(LibBson)]
    [SuppressGCTransition]
    private static partial byte* bson_get_data(nint bson);

    [LibraryImport(LibBson)]
    public static partial nint bson_new_from_data(byte* data, nuint length);

    [LibraryImport(LibBson)]
    public static partial void bson_destroy(nint bson);
}
