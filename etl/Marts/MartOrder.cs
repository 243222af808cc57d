namespace Etl.Marts;

/// <summary>Puts marts behind those that they read.</summary>
internal static class MartOrder
{
    /// <summary>The order of the files, changed as little as it takes.</summary>
    public static IReadOnlyList<MartDraft> Of(IReadOnlyList<MartDraft> drafts, MartErrors errors)
    {
        var byName = drafts.ToDictionary(d => (d.Mart.Schema, d.Mart.Name));
        var ordered = new List<MartDraft>();
        var done = new HashSet<MartDraft>();
        var path = new List<MartDraft>();
        foreach (var draft in drafts)
            Visit(draft);
        return ordered;

        void Visit(MartDraft draft)
        {
            if (done.Contains(draft))
                return;
            path.Add(draft);
            var reads = new List<Mart>();
            foreach (var (schema, name, offset) in SqlTokens.QualifiedNames(draft.Tokens))
            {
                if (!byName.TryGetValue((schema, name), out var read))
                    continue;
                if (path.IndexOf(read) is >= 0 and var first)
                {
                    errors.Add(draft.Mart.Select, offset, $"Marts read each other in a circle: {string.Join(" reads ", path[first..].Append(read).Select(d => d.Mart.QualifiedName))}.");
                    continue;
                }
                Visit(read);
                if (!reads.Contains(read.Mart))
                    reads.Add(read.Mart);
            }
            draft.Mart.Reads = reads;
            path.RemoveAt(path.Count - 1);
            if (done.Add(draft))
                ordered.Add(draft);
        }
    }
}
