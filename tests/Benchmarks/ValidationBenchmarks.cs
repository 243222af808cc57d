using BenchmarkDotNet.Attributes;
using Etl.Documents;
using Etl.Validation;

namespace Benchmarks;

/// <summary>One rule of a contract, asked about one value's bytes, as the gate asks it. Must allocate nothing.</summary>
[MemoryDiagnoser]
public class ValidationBenchmarks
{
    static readonly (string Name, string Options, Action<BsonWriter> Write)[] Cases =
    [
        ("required + type", "logicalType: string, required: true", w => w.Write("v", "x")),
        ("minimum + maximum of int", "logicalType: integer, logicalTypeOptions: { minimum: 0, maximum: 130 }", w => w.Write("v", 34)),
        ("minimum + maximum of double", "logicalType: number, logicalTypeOptions: { minimum: 0, maximum: 130 }", w => w.Write("v", 39.99)),
        ("multipleOf of double", "logicalType: number, logicalTypeOptions: { multipleOf: 0.01 }", w => w.Write("v", 39.99)),
        ("minLength + maxLength", "logicalType: string, logicalTypeOptions: { minLength: 2, maxLength: 60 }", w => w.Write("v", "O'Connor")),
        ("validValues of 4", "logicalType: string, quality: [{ metric: invalidValues, arguments: { validValues: [week, month, repeat, upfront] }, mustBe: 0 }]", w => w.Write("v", "upfront")),
        ("pattern ^[A-Z]{2}$", "logicalType: string, logicalTypeOptions: { pattern: '^[A-Z]{2}$' }", w => w.Write("v", "NL")),
        ("format email", "logicalType: string, logicalTypeOptions: { format: email }", w => w.Write("v", "maria@example.org")),
        ("minimum of date", "logicalType: timestamp, logicalTypeOptions: { minimum: '2000-01-01' }", w => w.WriteDateTime("v", 1_591_000_000_000)),
        ("uniqueItems of 5", "logicalType: array, items: { logicalType: string }, logicalTypeOptions: { uniqueItems: true }", w => w.BeginArray("v").Write("a").Write("b").Write("c").Write("d").Write("e").End()),
    ];

    Gate gate = null!;
    byte[] value = [];
    BsonType type;

    public IEnumerable<string> Rules => Cases.Select(c => c.Name);

    [ParamsSource(nameof(Rules))]
    public string Rule { get; set; } = "";

    [GlobalSetup]
    public void Setup()
    {
        var (_, options, write) = Array.Find(Cases, c => c.Name == Rule);
        gate = new Gate(SmallContract.Of($"- {{ name: v, {options} }}").Datasets[0].Root.Children[1]);
        var reader = new BsonReader(Bson.Make(write));
        reader.Read();
        (type, value) = (reader.Type, reader.Value.ToArray());
        if (gate.Refuses(type, value) is { } broken)
            throw new InvalidOperationException($"The benchmark's value is refused by {broken}.");
    }

    [Benchmark]
    public bool Ask() => gate.Refuses(type, value) is null;
}
