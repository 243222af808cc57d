using System.IO.Compression;

namespace Etl.Sources.Files;

/// <summary>
/// Reads gzip and knows whether it was whole. <see cref="GZipStream"/> takes a file that was cut off for one that ends there, so a member of
/// our own is put behind the file: only where the file ends as gzip ends does it come out again.
/// </summary>
internal static class GzipText
{
    public const string CutOff = "The file is compressed and cut off, or has something else behind its end.", Invalid = "The file is no valid gzip.";

    static readonly byte[] Seal = [0xFF, 0xFE, .. "end of the file"u8, 0xFF]; // no UTF-8, no line end
    static readonly byte[] SealMember = Compress(Seal);

    public static int SealBytes => Seal.Length;

    /// <summary>The text, and the seal behind it.</summary>
    public static Stream Open(Stream file) => new GZipStream(new Sealed(file), CompressionMode.Decompress);

    /// <summary>Takes the seal off.</summary>
    /// <param name="end">What came last out of the stream.</param>
    /// <returns>False: there is none, the file was cut off, or has something else behind it.</returns>
    public static bool TryUnseal(ReadOnlySpan<byte> end, out int length)
    {
        length = end.Length - Seal.Length;
        return end.EndsWith(Seal);
    }

    static byte[] Compress(byte[] bytes)
    {
        var member = new MemoryStream();
        using (var gzip = new GZipStream(member, CompressionLevel.Optimal))
            gzip.Write(bytes);
        return member.ToArray();
    }

    sealed class Sealed(Stream file) : Stream
    {
        int at = -1; // in the seal; −1: still in the file

        public override int Read(Span<byte> buffer)
        {
            if (at < 0)
            {
                int read = file.Read(buffer);
                if (read > 0 || buffer.IsEmpty)
                    return read;
                at = 0;
            }
            int count = Math.Min(buffer.Length, SealMember.Length - at);
            SealMember.AsSpan(at, count).CopyTo(buffer);
            at += count;
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

        public override bool CanRead => true;
        public override bool CanSeek => false;
        public override bool CanWrite => false;
        public override long Length => throw new NotSupportedException();
        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }
        public override void Flush() { }
        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();
        public override void SetLength(long value) => throw new NotSupportedException();
        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        protected override void Dispose(bool disposing)
        {
            if (disposing)
                file.Dispose();
            base.Dispose(disposing);
        }
    }
}
