namespace Etl.Sources.Http;

/// <summary>How an API hands out a long list: a page at a time. All pages of a day make the day.</summary>
public abstract record HttpPaging
{
    /// <summary>The next page is where the answer's header <c>Link: &lt;…&gt;; rel="next"</c> says.</summary>
    public sealed record ByLinkHeader : HttpPaging;

    /// <summary>The next page is where a member of the answer says; none, null or empty: there is none.</summary>
    /// <param name="Path">Dotted, from the outermost object: <c>links.next</c>.</param>
    public sealed record ByLinkField(string Path) : HttpPaging;

    /// <summary>Pages are numbered; one without elements is behind the last.</summary>
    /// <param name="Parameter">Of the URL's query: <c>page</c>.</param>
    public sealed record ByNumber(string Parameter, int First = 1) : HttpPaging;
}
