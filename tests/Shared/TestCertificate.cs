using System.Security.Cryptography;
using System.Security.Cryptography.X509Certificates;

namespace Tests.Shared;

/// <summary>A certificate of its own authority, for 127.0.0.1 and localhost, made for one test; clients trust it by <see cref="File"/>.</summary>
public sealed class TestCertificate : IDisposable
{
    public TestCertificate(string host = "localhost")
    {
        using var key = ECDsa.Create(ECCurve.NamedCurves.nistP256);
        var request = new CertificateRequest($"CN={host}", key, HashAlgorithmName.SHA256);
        var names = new SubjectAlternativeNameBuilder();
        names.AddDnsName(host);
        if (host == "localhost")
            names.AddIpAddress(System.Net.IPAddress.Loopback);
        request.CertificateExtensions.Add(names.Build());
        request.CertificateExtensions.Add(new X509BasicConstraintsExtension(certificateAuthority: true, false, 0, critical: true));
        var now = TimeProvider.System.GetUtcNow();
        Certificate = request.CreateSelfSigned(now.AddDays(-1), now.AddDays(2));
        File = Path.Combine(Scratch.Folder("tls"), "authority.pem");
        System.IO.File.WriteAllText(File, Certificate.ExportCertificatePem());
    }

    public X509Certificate2 Certificate { get; }

    /// <summary>The certificate alone, as PEM: what <c>tlsCAFile</c> takes.</summary>
    public string File { get; }

    public void Dispose()
    {
        Certificate.Dispose();
        Directory.Delete(Path.GetDirectoryName(File)!, recursive: true);
    }
}
