using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Etl.Sources.Mongo;

/// <summary>The driver's command monitoring: it calls us on the thread that made the call, for each command it sent, its own retries included.</summary>
internal static unsafe partial class Libmongoc
{
    /// <summary>Where the text lies in the driver's public <c>mongoc_host_list_t</c>: behind a pointer and a host's name of 256 bytes.</summary>
    const int HostAndPortOffset = 8 + 256;

    /// <summary>Has every client of a pool report to <see cref="CommandWatch"/>.</summary>
    public static void Monitor(nint pool)
    {
        nint callbacks = mongoc_apm_callbacks_new();
        mongoc_apm_set_command_failed_cb(callbacks, &OnFailed);
        mongoc_apm_set_command_succeeded_cb(callbacks, &OnSucceeded);
        mongoc_client_pool_set_apm_callbacks(pool, callbacks, 0);
        mongoc_apm_callbacks_destroy(callbacks); // the pool has a copy
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnFailed(nint failed)
    {
        if (CommandWatch.Current is not { } watch)
            return;
        Error error = default;
        mongoc_apm_command_failed_get_error(failed, &error);
        string? host = Marshal.PtrToStringUTF8(mongoc_apm_command_failed_get_host(failed) + HostAndPortOffset);
        watch.Failed(error.Domain, error.Code, mongoc_apm_command_failed_get_duration(failed), host);
    }

    [UnmanagedCallersOnly(CallConvs = [typeof(CallConvCdecl)])]
    static void OnSucceeded(nint succeeded)
    {
        if (CommandWatch.Current is { CountsDocuments: true } watch)
            watch.Arrived(Bytes(mongoc_apm_command_succeeded_get_reply(succeeded)));
    }

    [LibraryImport(Mongoc)]
    private static partial nint mongoc_apm_callbacks_new();

    [LibraryImport(Mongoc)]
    private static partial void mongoc_apm_callbacks_destroy(nint callbacks);

    [LibraryImport(Mongoc)]
    private static partial void mongoc_apm_set_command_failed_cb(nint callbacks, delegate* unmanaged[Cdecl]<nint, void> callback);

    [LibraryImport(Mongoc)]
    private static partial void mongoc_apm_set_command_succeeded_cb(nint callbacks, delegate* unmanaged[Cdecl]<nint, void> callback);

    [LibraryImport(Mongoc)]
    [return: MarshalAs(UnmanagedType.U1)]
    private static partial bool mongoc_client_pool_set_apm_callbacks(nint pool, nint callbacks, nint context);

    [LibraryImport(Mongoc)]
    private static partial void mongoc_apm_command_failed_get_error(nint failed, Error* error);

    /// <returns>Microseconds.</returns>
    [LibraryImport(Mongoc)]
    private static partial long mongoc_apm_command_failed_get_duration(nint failed);

    [LibraryImport(Mongoc)]
    private static partial nint mongoc_apm_command_failed_get_host(nint failed);

    [LibraryImport(Mongoc)]
    private static partial nint mongoc_apm_command_succeeded_get_reply(nint succeeded);
}
