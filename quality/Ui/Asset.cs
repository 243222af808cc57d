using System.Security.Cryptography;
using System.Text;

namespace Quality.Ui;

/// <summary>A style sheet or script put into the page, with the hash by which the page's policy allows just this one.</summary>
public sealed class Asset
{
    public static readonly Asset Style = new("page.css");
    public static readonly Asset Script = new("page.js");

    Asset(string name)
    {
        using var reader = new StreamReader(typeof(Asset).Assembly.GetManifestResourceStream(name)!);
        // A browser hashes what its parser hands it, and that has no carriage returns.
        Text = reader.ReadToEnd().ReplaceLineEndings("\n");
        Hash = "sha256-" + Convert.ToBase64String(SHA256.HashData(Encoding.UTF8.GetBytes(Text)));
    }

    public string Text { get; }

    public string Hash { get; }
}
