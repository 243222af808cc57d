namespace Chaos.Generation;

/// <summary>What a generator has written, counted in documents, and in elements for messages and invoices.</summary>
/// <param name="Invoices">Invoices in the arrays as they were last written.</param>
/// <param name="FirstDay">The first simulated day of this call; null before there was one.</param>
public sealed record GenerationSummary(
    long Users, long Groups, long Threads, long Messages, long Invoices, DateOnly? FirstDay, DateOnly? LastDay);
