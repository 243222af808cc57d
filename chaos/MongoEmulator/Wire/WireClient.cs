using System.Net.Sockets;
using System.Text;
using Etl.Documents;

namespace Chaos.MongoEmulator.Wire;

/// <summary>The smallest client there is: one connection, one command at a time, by OP_MSG. For asking a server whether it answers, and for tests.</summary>
public sealed class WireClient : IAsyncDisposable
{
    readonly Socket socket = new(SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
    readonly MessageReader reader;
    int requests;

    WireClient() => reader = new MessageReader(new PlainTransport(socket));

    /// <exception cref="SocketException">Nobody listens there.</exception>
    public static async Task<WireClient> ConnectAsync(string host, int port, CancellationToken ct = default)
    {
        var client = new WireClient();
        try
        {
            await client.socket.ConnectAsync(host, port, ct);
            return client;
        }
        catch
        {
            await client.DisposeAsync();
            throw;
        }
    }

    /// <summary>Sends a command, with documents as a sequence of their own where a name is given.</summary>
    /// <returns>The reply document, whatever its <c>ok</c>.</returns>
    public Task<byte[]> RunAsync(ReadOnlyMemory<byte> command, string? sequence = null, IEnumerable<byte[]>? documents = null, CancellationToken ct = default)
    {
        var message = new MemoryStream();
        message.Write(new byte[4]); // flags
        message.WriteByte(0);
        message.Write(command.Span);
        if (sequence != null)
        {
            byte[] name = Encoding.UTF8.GetBytes(sequence);
            byte[] all = [.. (documents ?? []).SelectMany(d => d)];
            message.WriteByte(1);
            message.Write(BitConverter.GetBytes(4 + name.Length + 1 + all.Length));
            message.Write(name);
            message.WriteByte(0);
            message.Write(all);
        }
        return SendAsync(2013, message.ToArray(), ct);
    }

    public Task<byte[]> RunAsync(Action<BsonWriter> command, CancellationToken ct = default) => RunAsync(Bson.Make(command), ct: ct);

    /// <summary>Sends any message, well made or not.</summary>
    /// <exception cref="WireException">The server closed the connection instead of answering.</exception>
    public async Task<byte[]> SendAsync(int opcode, ReadOnlyMemory<byte> payload, CancellationToken ct = default)
    {
        byte[] message = new byte[MessageHeader.Size + payload.Length];
        new MessageHeader(message.Length, ++requests, 0, (Opcode)opcode).Write(message);
        payload.CopyTo(message.AsMemory(MessageHeader.Size));
        await SendRawAsync(message, ct);
        var reply = await reader.ReadAsync(ct);
        if (reply.IsEmpty)
            throw new WireException("the server closed the connection");
        bool legacy = MessageHeader.Read(reply.Span).Opcode == Opcode.Reply;
        return reply[(MessageHeader.Size + (legacy ? 20 : 5))..].ToArray();
    }

    /// <summary>Sends bytes as they are, and waits for nothing.</summary>
    public async Task SendRawAsync(ReadOnlyMemory<byte> bytes, CancellationToken ct = default)
    {
        for (var rest = bytes; !rest.IsEmpty;)
            rest = rest[await socket.SendAsync(rest, ct)..];
    }

    public ValueTask DisposeAsync()
    {
        socket.Dispose();
        reader.Dispose();
        return ValueTask.CompletedTask;
    }
}
