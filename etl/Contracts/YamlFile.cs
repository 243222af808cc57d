using System.Text;
using YamlDotNet.Core;
using YamlDotNet.Core.Events;
using YamlDotNet.RepresentationModel;

namespace Etl.Contracts;

/// <summary>Loads a YAML file within limits: contracts come from people we do not know.</summary>
internal static class YamlFile
{
    const int MaxBytes = 4 * 1024 * 1024, MaxDepth = 64;

    /// <returns>The root mapping, or null after reporting why there is none.</returns>
    public static YamlMappingNode? Load(string path, ContractErrors errors)
    {
        long size = new FileInfo(path).Length;
        if (size > MaxBytes)
        {
            errors.Add(Mark.Empty, $"The file has {size} bytes; a contract may have {MaxBytes}.");
            return null;
        }
        try
        {
            string text = Text(path);
            if (!WithinLimits(text, errors))
                return null;
            var stream = new YamlStream();
            stream.Load(new StringReader(text));
            if (stream.Documents is [{ RootNode: YamlMappingNode root }])
                return root;
            errors.Add(Mark.Empty, "The file must hold one YAML mapping.");
        }
        catch (DecoderFallbackException)
        {
            errors.Add(Mark.Empty, "The file is not UTF-8. Save it as such.");
        }
        catch (YamlException e)
        {
            errors.Add(e.Start, $"Not valid YAML: {e.Message}");
        }
        catch (Exception e) when (e is InvalidOperationException or ArgumentException or FormatException or OverflowException or IndexOutOfRangeException)
        {
            errors.Add(Mark.Empty, $"Not valid YAML: {e.Message}"); // YamlDotNet's scanner on texts that it does not expect
        }
        return null;
    }

    /// <summary>UTF-8, or what a byte order mark says. Other bytes would become U+FFFD, and a name with them one that no document has.</summary>
    static string Text(string path)
    {
        using var reader = new StreamReader(path, new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: true), detectEncodingFromByteOrderMarks: true);
        return reader.ReadToEnd();
    }

    /// <summary>Anchors and deep nesting are refused before a tree is built: an alias bomb never unfolds.</summary>
    static bool WithinLimits(string text, ContractErrors errors)
    {
        var parser = new Parser(new StringReader(text));
        int depth = 0;
        while (parser.MoveNext())
        {
            depth += parser.Current!.NestingIncrease;
            if (parser.Current is AnchorAlias or NodeEvent { Anchor.IsEmpty: false })
            {
                errors.Add(parser.Current.Start, "Anchors and aliases are not allowed in a contract. Write the part out.");
                return false;
            }
            if (depth > MaxDepth)
            {
                errors.Add(parser.Current.Start, $"Nested deeper than {MaxDepth}.");
                return false;
            }
        }
        return true;
    }
}
