using Etl.Contracts;
using Etl.Validation;

namespace Etl.Flattening;

/// <summary>Compiles a dataset's description into the plan that the flattener walks by.</summary>
internal sealed class PlanCompiler(Dataset dataset)
{
    int objects;
    readonly Dictionary<string, (ScopePlan Scope, int Slot)> places = [];

    public ScopePlan Compile() => Scope(dataset.Root, []);

    ScopePlan Scope(Field source, IReadOnlyList<ScopePlan> around)
    {
        var scope = new ScopePlan();
        var chain = around.Append(scope).ToArray();
        scope.Top = Inside(source, source.Kind == FieldKind.Rows ? source.Path + "[]" : source.Path, scope);
        scope.Slots = new Slot[scope.All.Count];
        scope.Cleaned = [.. scope.All.Where(e => e.Cleaner is not null)];
        foreach (var element in scope.All)
            places[element.Field.Path] = (scope, element.Slot);
        scope.Tables = [.. dataset.Tables
            .Select((table, index) => (table, index))
            .Where(t => t.table.Source == source || scope.All.Any(e => e.Field == t.table.Source && e.Field.Kind == FieldKind.Object))
            .Select(t => Table(t.table, t.index, source, scope, chain))];
        scope.Rowless = [.. scope.All.Where(e => e.Field is { Kind: FieldKind.Value, Column: not null }
            && !scope.Tables.Any(t => t.Columns.Any(c => c.Scope == scope && c.Slot == e.Slot)))];
        foreach (var array in scope.All.Where(e => e.Field.Kind == FieldKind.Rows))
            array.Rows = Scope(array.Field, chain);
        return scope;
    }

    ObjectPlan Inside(Field source, string path, ScopePlan scope) => new(objects++, path, source.IsPersonal, [.. source.Children.Where(f => !f.IsContentHash).Select(field =>
    {
        var element = new ElementPlan(field, scope.All.Count, new Gate(field));
        scope.All.Add(element);
        if (field.Kind == FieldKind.Object)
            element.Inside = Inside(field, field.Path, scope);
        if (field is { Kind: FieldKind.Rows, Items: { } items } && new Gate(items) is { Rules.Count: > 2 } demanding) // more than to be there, and a document
            element.Items = demanding;
        return element;
    })]);

    TablePlan Table(Table table, int index, Field source, ScopePlan scope, ScopePlan[] chain) => new(
        index, table, new RowHasher(table),
        [.. table.Columns.Select(column => column.Field switch
        {
            null => new ColumnPlan(column, chain[column.Scope], ColumnPlan.Ordinal),
            { IsContentHash: true } => new ColumnPlan(column, scope, ColumnPlan.ContentHash),
            var field => new ColumnPlan(column, places[field.Path].Scope, places[field.Path].Slot),
        })],
        table.Source == source ? -1 : places[table.Source.Path].Slot);
}
