using System.Runtime.InteropServices;
using Etl.Documents;

namespace Etl.Sources.Mongo;

internal abstract class MongoHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    /// <summary>The native pointer; the caller keeps this object alive while it uses it.</summary>
    public nint Pointer => handle;
}

internal sealed class UriHandle : MongoHandle
{
    public UriHandle(nint uri) => SetHandle(uri);

    protected override bool ReleaseHandle()
    {
        Libmongoc.mongoc_uri_destroy(handle);
        return true;
    }
}

internal sealed class PoolHandle : MongoHandle
{
    public PoolHandle(nint pool) => SetHandle(pool);

    protected override bool ReleaseHandle()
    {
        Libmongoc.mongoc_client_pool_destroy(handle);
        return true;
    }
}

/// <summary>A client on loan from a pool; closing it gives it back. Keeps the pool alive. Invalid where none came free in time.</summary>
internal sealed class ClientHandle : MongoHandle
{
    readonly PoolHandle pool;

    public ClientHandle(PoolHandle pool)
    {
        this.pool = pool;
        bool added = false;
        pool.DangerousAddRef(ref added);
        nint client = Libmongoc.mongoc_client_pool_pop(pool.Pointer);
        if (client == 0)
            pool.DangerousRelease(); // an invalid handle is never released
        SetHandle(client);
    }

    protected override bool ReleaseHandle()
    {
        Libmongoc.mongoc_client_pool_push(pool.Pointer, handle);
        pool.DangerousRelease();
        return true;
    }
}

internal sealed class CollectionHandle : MongoHandle
{
    public CollectionHandle(ClientHandle client, string database, string name) =>
        SetHandle(Libmongoc.mongoc_client_get_collection(client.Pointer, database, name));

    protected override bool ReleaseHandle()
    {
        Libmongoc.mongoc_collection_destroy(handle);
        return true;
    }
}

internal sealed class CursorHandle : MongoHandle
{
    public CursorHandle(nint cursor) => SetHandle(cursor);

    protected override bool ReleaseHandle()
    {
        Libmongoc.mongoc_cursor_destroy(handle);
        return true;
    }
}

/// <summary>A bson_t that owns a copy of a document.</summary>
internal sealed class BsonHandle : MongoHandle
{
    /// <exception cref="BsonException">The driver does not take these bytes for a document.</exception>
    public unsafe BsonHandle(ReadOnlySpan<byte> document)
    {
        fixed (byte* p = document)
            SetHandle(Libmongoc.bson_new_from_data(p, (nuint)document.Length));
        if (IsInvalid)
            throw new BsonException("the driver refuses it", 0);
    }

    protected override bool ReleaseHandle()
    {
        Libmongoc.bson_destroy(handle);
        return true;
    }
}
