using System.Buffers.Binary;
using System.Collections.Concurrent;
using System.Net;
using System.Net.Security;
using System.Net.Sockets;
using System.Runtime.InteropServices;
using System.Security.Authentication;
using Chaos.MongoEmulator.Commands;
using Etl.Documents;

namespace Chaos.MongoEmulator.Wire;

/// <summary>One client: reads its messages, has them answered, writes the answers, until either side closes.</summary>
sealed class Connection(Socket socket, int id, Dispatcher dispatcher, MongoServerOptions options) : IDisposable
{
    const int MessagePrefix = 4 + 1, ReplyPrefix = 4 + 8 + 4 + 4, AwaitCapable = 8;
    static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(30);

    /// <summary>Writers are shared, so that idle connections do not keep 16 MB each.</summary>
    static readonly ConcurrentBag<BsonWriter> Writers = [];

    readonly Peer peer = new(id, (IPEndPoint)socket.LocalEndPoint!);
    Transport? transport;
    int sent;

    public async Task RunAsync(CancellationToken ct)
    {
        string client = socket.RemoteEndPoint?.ToString() ?? "?";
        try
        {
            transport = options.Certificate == null ? new PlainTransport(socket) : await SecureAsync(ct);
            using var reader = new MessageReader(transport);
            while (await reader.ReadAsync(ct) is { IsEmpty: false } message)
                await AnswerAsync(message, ct);
        }
        catch (Exception e) when (e is WireException or AuthenticationException)
        {
            options.Log($"Connection {id} from {client} closed: {e.Message.TrimEnd('.')}.");
        }
        catch (Exception e) when (e is SocketException or IOException or OperationCanceledException or ObjectDisposedException)
        {
            // The client went away, or the server stops: nothing to say.
        }
        finally
        {
            Dispose();
        }
    }

    async Task<Transport> SecureAsync(CancellationToken ct)
    {
        var stream = new SslStream(new NetworkStream(socket, ownsSocket: true));
        using var patience = new CancellationTokenSource(HandshakeTimeout, options.TimeProvider);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(ct, patience.Token);
        try
        {
            await stream.AuthenticateAsServerAsync(new SslServerAuthenticationOptions { ServerCertificate = options.Certificate }, either.Token);
            return new TlsTransport(stream);
        }
        catch
        {
            await stream.DisposeAsync();
            throw;
        }
    }

    async ValueTask AnswerAsync(ReadOnlyMemory<byte> message, CancellationToken ct)
    {
        var header = MessageHeader.Read(message.Span);
        if (!Writers.TryTake(out var reply))
            reply = new BsonWriter(4096);
        try
        {
            switch (header.Opcode)
            {
                case Opcode.Message:
                    if (await MessageAsync(message, reply, ct))
                        await SendAsync(Opcode.Message, header.RequestId, MessagePrefix, reply);
                    break;
                case Opcode.Query:
                    var query = OpQuery.Parse(message);
                    await dispatcher.AnswerLegacyAsync(query, peer, reply, ct);
                    await SendAsync(Opcode.Reply, header.RequestId, ReplyPrefix, reply);
                    break;
                default:
                    throw new WireException($"opcode {(int)header.Opcode} is not spoken here");
            }
        }
        finally
        {
            reply.Reset();
            Writers.Add(reply);
        }
    }

    async ValueTask<bool> MessageAsync(ReadOnlyMemory<byte> message, BsonWriter reply, CancellationToken ct)
    {
        OpMessage parsed;
        try
        {
            parsed = OpMessage.Parse(message);
        }
        catch (BsonException e)
        {
            dispatcher.Refuse(reply, ErrorCode.InvalidBSON, e.Message);
            return true;
        }
        await dispatcher.AnswerAsync(parsed, peer, reply, ct);
        return !parsed.Silent;
    }

    ValueTask SendAsync(Opcode opcode, int responseTo, int prefix, BsonWriter reply)
    {
        byte[] head = new byte[MessageHeader.Size + prefix]; // OP_MSG: flags 0, one section of kind 0
        new MessageHeader(head.Length + reply.Written.Length, ++sent, responseTo, opcode).Write(head);
        if (opcode == Opcode.Reply)
        {
            head[MessageHeader.Size] = AwaitCapable;
            BinaryPrimitives.WriteInt32LittleEndian(head.AsSpan(^4), 1); // one document
        }
        MemoryMarshal.TryGetArray(reply.WrittenMemory, out var body);
        return transport!.SendAsync(head, body);
    }

    public void Dispose()
    {
        transport?.Dispose();
        socket.Dispose();
    }
}
