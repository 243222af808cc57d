using System.Text;
using Etl.Contracts;
using Tests.Shared;

namespace Etl.Tests.Contracts;

public sealed class A_wrong_contract
{
    /// <summary>One property after _id, which stands on line 11 and begins in column 9.</summary>
    [Theory]
    [InlineData("- { name: a, logicalType: string, requird: true }", "'requird' is not known in a property. Did you mean 'required'?")]
    [InlineData("- { name: a, logicalType: strng }", "logicalType 'strng' of 'a' is not supported. Did you mean 'string'?")]
    [InlineData("- { name: a }", "a property needs 'logicalType'.")]
    [InlineData("- { logicalType: string }", "a property needs 'name'.")]
    [InlineData("- { name: [a], logicalType: string }", "'name' of a property must be a text.")]
    [InlineData("- { name: a, logicalType: string, required: maybe }", "'required' of a property must be true or false, not 'maybe'.")]
    [InlineData("- { name: a, logicalType: integer, physicalType: text }", "physicalType 'text' of 'a' does not go with logicalType 'integer'. Known: int, long.")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { minimum: few } }", "'minimum' of the options of a must be a number, not 'few'.")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { maxLength: -1 } }", "'maxLength' of the options of a must be a whole number from 0 on, not '-1'.")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { pattern: '(' } }", "The pattern of 'a' cannot be used: ")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { pattern: '(a)\\1' } }", "The pattern of 'a' cannot be used: ")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { format: emial } }", "Format 'emial' of 'a' is not known. Did you mean 'email'?")]
    [InlineData("- { name: a, logicalType: timestamp, logicalTypeOptions: { minimum: soon } }", "'minimum' must be a date or time in ISO 8601, not 'soon'.")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: colum, value: b }] }", "customProperty 'colum' is not known for a property. Did you mean 'column'?")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: columnType, value: txt }] }", "columnType 'txt' of 'a' is not known. Did you mean 'text'?")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: acceptedTypes, value: [int] }] }", "'a' may be int, which a column of type text cannot hold.")]
    [InlineData("- { name: a, logicalType: string, physicalType: uuid, customProperties: [{ property: uuidOrder, value: jave }] }", "uuidOrder of 'a' must be csharp, java, python, not 'jave'. Did you mean 'java'?")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: uuidOrder, value: java }] }", "customProperty 'uuidOrder' does not go with 'a': only a uuid has it.")]
    [InlineData("- { name: a, logicalType: integer, customProperties: [{ property: acceptedTypes, value: [integer] }] }", "acceptedTypes of 'a': 'integer' is not a BSON type.")]
    [InlineData("- { name: _a, logicalType: string, customProperties: [{ property: column, value: _a }] }", "Column of 'things' '_a': names that begin with '_' are Quality's own.")]
    [InlineData("- { name: aaaaaaaaaabbbbbbbbbbccccccccccddddddddddeeeeeeeeeeffffffffffgggg, logicalType: string }", "is not a name that PostgreSQL keeps whole: 1 to 63 bytes.")]
    [InlineData("- { name: ID, logicalType: string }", "Table 'things' would have column 'id' 2 times (_id, ID). Name them with customProperty 'column'.")]
    [InlineData("- { name: _id, logicalType: string }", "Property '_id' stands twice.")]
    [InlineData("- { name: a, logicalType: array }", "Array 'a' needs 'items', or columnType jsonb.")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string, patern: x } }", "'patern' is not known in the items of an array.")]
    [InlineData("- { name: a, logicalType: object, primaryKey: true, properties: [] }", "'a' cannot be a key: a key is a single value.")]
    [InlineData("- { name: a, logicalType: object, customProperties: [{ property: shared, value: true }, { property: table, value: b }], properties: [{ name: x, logicalType: string }] }", "Shared table 'b' needs a key of its own")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValue }] }", "The quality rule of 'a' is not supported. Did you mean 'nullValues'?")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: invalidValues, mustBe: 0 }] }", "The rule invalidValues of 'a' needs arguments.validValues.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: invalidValues, arguments: { pattern: x }, mustBe: 1 }] }", "with a pattern needs 'mustBe: 0'")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValues }] }", "Rule nullValues needs one of mustBe, mustNotBe,")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValues, mustBe: 0, mustBeLessThan: 3 }] }", ", not 2.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValues, mustBeBetween: [3, 1] }] }", "'mustBeBetween' needs the smaller number first: 3, 1.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValues, mustBeBetween: [3] }] }", "'mustBeBetween' needs two numbers.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: rowCount, mustBe: 0 }] }", "The quality rule of 'a' is not supported.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ type: custom, engine: soda, implementation: x }] }", "The quality rule of 'a' is not supported.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ type: sql, mustBe: 0 }] }", "a quality rule needs 'query'.")]
    [InlineData("- { name: a, logicalType: string, quality: [{ type: sql, query: 'SELECT 1; DROP TABLE x', mustBe: 0 }] }", "one statement, without ';'")]
    [InlineData("- { name: a, logicalType: string, quality: [{ type: sql, query: 'DROP TABLE x', mustBe: 0 }] }", "begins with SELECT or WITH")]
    [InlineData("- { name: a, logicalType: string, quality: [{ type: sql, query: 'SELECT ${colum}', mustBe: 0 }] }", "'${colum}' of a quality query is not known. Did you mean 'column'?")]
    [InlineData("- { name: a, logicalType: string, quality: [{ metric: nullValues, unit: parts, mustBe: 0 }] }", "unit 'parts' of rule nullValues is not known.")]
    [InlineData("- { name: a, logicalType: integer, quality: [{ metric: missingValues, arguments: { missingValues: [x] }, mustBe: 0 }] }", "'x' is not a number, as 'a' is.")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: column, value: none }], quality: [{ metric: nullValues, mustBe: 0 }] }", "the warehouse, which has no column of it")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { minimum: 5, maximum: 4 } }", "The demands on 'a' cannot be met: minimum 5 is more than maximum 4.")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { exclusiveMinimum: 5, exclusiveMaximum: 5 } }", "exclusiveMinimum 5 is not less than exclusiveMaximum 5")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { minimum: 5, exclusiveMaximum: 5 } }", "minimum 5 is not less than exclusiveMaximum 5")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { format: u8, minimum: 300 } }", "minimum 300 is more than maximum 255")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { format: i7 } }", "Format 'i7' of 'a' is not known for integer.")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { multipleOf: 0 } }", "'multipleOf' of 'a' must be more than 0, not 0.")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { minLength: 5, maxLength: 4 } }", "minLength 5 is more than maxLength 4")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string }, logicalTypeOptions: { minItems: 5, maxItems: 4 } }", "minItems 5 is more than maxItems 4")]
    [InlineData("- { name: a, logicalType: object, logicalTypeOptions: { minProperties: 5, maxProperties: 4 }, properties: [] }", "minProperties 5 is more than maxProperties 4")]
    [InlineData("- { name: a, logicalType: timestamp, logicalTypeOptions: { minimum: '2020-01-02', maximum: '2020-01-01' } }", "is after maximum 2020-01-01")]
    [InlineData("- { name: a, logicalType: timestamp, logicalTypeOptions: { minimum: '1/2/2003' } }", "'minimum' must be a date or time in ISO 8601, not '1/2/2003'.")]
    [InlineData("- { name: a, logicalType: string, logicalTypeOptions: { maxLength: 1 }, quality: [{ metric: invalidValues, arguments: { validValues: [xy] }, mustBe: 0 }] }", "Valid value 'xy' of 'a' breaks rule maxLength")]
    [InlineData("- { name: a, logicalType: integer, quality: [{ metric: invalidValues, arguments: { validValues: [xy] }, mustBe: 0 }] }", "Valid value 'xy' of 'a' is not a number.")]
    [InlineData("- { name: a, logicalType: object, properties: [], customProperties: [{ property: acceptedTypes, value: [int] }] }", "customProperty 'acceptedTypes' does not go with 'a'")]
    [InlineData("- { name: a, logicalType: object, properties: [], customProperties: [{ property: columnType, value: text }] }", "an object is kept whole in jsonb only, not in text")]
    [InlineData("- { name: a, logicalType: object, properties: [], customProperties: [{ property: column, value: b }] }", "customProperty 'column' does not go with 'a'")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: table, value: b }] }", "customProperty 'table' does not go with 'a': a plain value opens no table")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: shared, value: true }] }", "only an object with a table can be shared")]
    [InlineData("- { name: a, logicalType: object, properties: [], customProperties: [{ property: shared, value: true }] }", "it needs a table of its own")]
    [InlineData("- { name: a, logicalType: object, customProperties: [{ property: columnType, value: jsonb }], properties: [{ name: x, logicalType: string }] }", "'properties' of 'a' would not be enforced")]
    [InlineData("- { name: a, logicalType: string, properties: [{ name: x, logicalType: string }] }", "'properties' does not go with 'a': only an object has them.")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string, unique: true } }", "is said by logicalTypeOptions.uniqueItems")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string, quality: [{ metric: nullValues, mustBe: 0 }] } }", "Of the elements of 'a' only invalidValues")]
    [InlineData("- { name: a, logicalType: string, primaryKeyPosition: 1 }", "primaryKeyPosition without primaryKey: true says nothing.")]
    [InlineData("- { name: a, logicalType: string, customProperties: [{ property: onViolation, value: ignore }] }", "onViolation must be quarantine or warn, not 'ignore'.")]
    [InlineData("- { name: a, logicalType: object, properties: [{ name: b.c, logicalType: string }, { name: b, logicalType: object, properties: [{ name: c, logicalType: string, customProperties: [{ property: column, value: d }] }] }] }", "'a.b.c' is the path of two places")]
    [InlineData("- { name: a, logicalType: object, properties: [{ name: 'b[]', logicalType: string, customProperties: [{ property: column, value: d }] }, { name: b, logicalType: array, items: { logicalType: string } }] }", "'a.b[]' is the path of two places")]
    [InlineData("- { name: \"a\\0b\", logicalType: string }", "holds NUL, which no name in a document can")]
    [InlineData("- { name: a, logicalType: string, unique: true, customProperties: [{ property: column, value: none }] }", "'unique' of 'a' is asked of the warehouse, which has no column of it.")]
    [InlineData("- { name: a, logicalType: timestamp, logicalTypeOptions: { exclusiveMaximum: '0001-01-01' } }", "'exclusiveMaximum' is at the end of the calendar")]
    [InlineData("- { name: a, logicalType: timestamp, logicalTypeOptions: { exclusiveMinimum: '9999-12-31T23:59:59.9999999Z' } }", "'exclusiveMinimum' is at the end of the calendar")]
    [InlineData("- { name: a, logicalType: number, logicalTypeOptions: { exclusiveMinimum: 1e-40 } }", "must be a number of at most 28 digits, 28 of them behind the point, not '1e-40'.")]
    [InlineData("- { name: a, logicalType: number, logicalTypeOptions: { minimum: 0.12345678901234567890123456789012345 } }", "at most 28 digits")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { minimum: 1.2, maximum: 1.8 } }", "no whole number of a column of type bigint lies within its bounds")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { exclusiveMinimum: 1, exclusiveMaximum: 2 } }", "no whole number of a column of type bigint lies within its bounds")]
    [InlineData("- { name: a, logicalType: integer, physicalType: int, logicalTypeOptions: { minimum: 3000000000 } }", "no whole number of a column of type integer lies within its bounds")]
    [InlineData("- { name: a, logicalType: integer, logicalTypeOptions: { exclusiveMinimum: 79228162514264337593543950335 } }", "no whole number of a column of type bigint lies within its bounds")]
    [InlineData("- { name: a, logicalType: timestamp, quality: [{ metric: invalidValues, arguments: { validValues: ['2020-01-01'] }, mustBe: 0 }] }", "Valid values of 'a' are not supported: only texts, ObjectIds, numbers and booleans")]
    [InlineData("- { name: a, logicalType: string, physicalType: uuid, quality: [{ metric: invalidValues, arguments: { validValues: [x] }, mustBe: 0 }] }", "Valid values of 'a' are not supported")]
    [InlineData("- { name: a, logicalType: boolean, quality: [{ metric: invalidValues, arguments: { validValues: ['True'] }, mustBe: 0 }] }", "Valid value 'True' of 'a' is not true or false")]
    [InlineData("- { name: a, logicalType: string, physicalType: objectId, quality: [{ metric: invalidValues, arguments: { validValues: [5ED41A000102030405060708] }, mustBe: 0 }] }", "is no ObjectId: 24 hex digits, lower case.")]
    [InlineData("- { name: a, logicalType: object, properties: [], quality: [{ metric: invalidValues, arguments: { validValues: [x] }, mustBe: 0 }] }", "Valid values of 'a' have no effect: it is an object")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string }, quality: [{ metric: invalidValues, arguments: { validValues: [x] }, mustBe: 0 }] }", "Valid values of 'a' have no effect: it is an array")]
    [InlineData("- { name: a, logicalType: integer, quality: [{ metric: invalidValues, arguments: { pattern: x }, mustBe: 0 }] }", "The pattern of 'a' judges texts, which it never is")]
    [InlineData("- { name: a, logicalType: string, physicalType: objectId, logicalTypeOptions: { minLength: 3 } }", "judge texts, which 'a' never is")]
    [InlineData("- { name: a, logicalType: array, items: { logicalType: string, physicalType: uuid, logicalTypeOptions: { pattern: x } } }", "judge texts, which 'a[]' never is")]
    public void Is_refused_with_line_and_column(string property, string message)
    {
        string error = Assert.Single(ContractText.Errors(ContractText.Of(property)), e => e.Contains(message, StringComparison.Ordinal));
        Assert.Matches(@"^(9|1[0-2]):\d+: ", error);
    }

    [Fact]
    public void Is_refused_with_all_its_errors_at_once_in_their_order()
    {
        var errors = ContractText.Errors(ContractText.Of("- { name: a, logicalType: strin, x: 1 }", "- { name: b }", "- { name: c, logicalType: string, requird: true }").Replace("status: active", "status: active\ncolour: red"));
        Assert.Equal(["7", "13", "13", "14", "15"], errors.Select(e => e.Split(':')[0]));
    }

    /// <summary>What has no name is wrong, and so may be what is in it.</summary>
    [Fact]
    public void Is_refused_with_the_errors_of_what_has_no_name()
    {
        string text = ContractText.Of("- { logicalType: strin, x: 1 }") + "  - properties:\n      - { name: _id, logicalType: integr, primaryKey: true }\n";
        Assert.Equal(["a property needs 'name'.", "logicalType 'strin'", "'x' is not known", "a schema entry needs 'name'.", "logicalType 'integr'"],
            ContractText.Errors(text).Select(e => e.Split(": ", 2)[1]).Select(e => Array.Find(["a property needs 'name'.", "logicalType 'strin'", "'x' is not known", "a schema entry needs 'name'.", "logicalType 'integr'"], s => e.StartsWith(s, StringComparison.Ordinal)) ?? e));
    }

    /// <summary>A name may hold anything that YAML can write; each error is one line all the same.</summary>
    [Fact]
    public void Is_refused_with_one_line_an_error() =>
        Assert.Equal([@"'a\nb' is not known in a property."], ContractText.Errors(ContractText.Of("- { name: a, logicalType: string, \"a\\nb\": 1 }")).Select(e => e.Split(": ", 2)[1]));

    [Theory]
    [InlineData("# caf\xe9\n")]
    [InlineData("id: \xff\n")]
    public void Is_refused_when_it_is_not_utf8(string bytes)
    {
        string file = Path.Combine(Scratch.Folder("contract"), ContractReader.FileName);
        File.WriteAllBytes(file, [.. Encoding.UTF8.GetBytes(ContractText.Of()), .. Encoding.Latin1.GetBytes(bytes)]);
        Assert.Contains("The file is not UTF-8.", Assert.Throws<UsageException>(() => ContractReader.Read(file)).Message);
        Directory.Delete(Path.GetDirectoryName(file)!, recursive: true);
    }

    [Theory]
    [InlineData("a: &x 1\nb: *x", "1:4: Anchors and aliases are not allowed in a contract.")]
    [InlineData("a: *x", "1:4: Anchors and aliases are not allowed in a contract.")]
    [InlineData("a: [1", "Not valid YAML: ")]
    [InlineData("a: 1\na: 2", "Not valid YAML: ")]
    [InlineData("a:\n\t- b: [", "Not valid YAML: ")]
    [InlineData("", "The file must hold one YAML mapping.")]
    [InlineData("- 1", "The file must hold one YAML mapping.")]
    [InlineData("a: 1\n---\nb: 1", "The file must hold one YAML mapping.")]
    public void Is_refused_when_it_is_not_a_plain_mapping(string text, string message) =>
        Assert.Contains(ContractText.Errors(text), e => e.Contains(message, StringComparison.Ordinal));

    [Fact]
    public void Is_refused_when_PostgreSQL_has_no_table_so_wide()
    {
        static string[] Fields(int count) => [.. Enumerable.Range(0, count).Select(i => $"- {{ name: f{i}, logicalType: string }}")];
        Assert.Single(ContractText.Read(ContractText.Of(Fields(1_594))).Datasets);
        Assert.Contains("Table 'things' would have 1596 columns; PostgreSQL takes 1600", ContractText.Errors(ContractText.Of(Fields(1_595)))[0]);
    }

    [Fact]
    public void Is_refused_when_it_is_deep() =>
        Assert.Contains("Nested deeper than 64.", ContractText.Errors("a: " + new string('[', 100_000))[0]);

    [Fact]
    public void Is_refused_when_it_is_huge() =>
        Assert.Contains("a contract may have", ContractText.Errors("#" + new string('x', 5_000_000))[0]);

    [Fact]
    public void Is_refused_when_it_is_not_there()
    {
        var refused = Assert.Throws<UsageException>(() => ContractReader.Read("/nowhere/at/all"));
        Assert.StartsWith("No contract at '/nowhere/at/all'.", refused.Message);
    }

    [Theory]
    [InlineData("quality")]
    [InlineData("pg_temp")]
    [InlineData("information_schema")]
    [InlineData("a23456789012345678901234567890123456789012345678901234567890abcd")]
    public void May_not_load_into_every_schema(string schema) => Assert.Contains(
        ContractText.Errors(ContractText.Of() + $"customProperties: [{{ property: warehouseSchema, value: {schema} }}]\n"), e => e.Contains($"'{schema}'", StringComparison.Ordinal));

    [Theory]
    [InlineData("partitionBy, value: day", "partitionBy 'day' of 'things' is not the path of a timestamp field. Did you mean 'days'?")]
    [InlineData("partitionBy, value: _id", "partitionBy '_id' of 'things' is not the path of a timestamp field.")]
    [InlineData("maxRejected, value: 101", "'maxRejected' is a share in per cent, from 0 to 100, not 101.")]
    [InlineData("required, value: [dayz]", "'dayz' must exist, but is not described. Did you mean 'days'?")]
    public void Has_customProperties_that_fit(string property, string message) => Assert.Contains(
        ContractText.Errors(ContractText.Of("- { name: days, logicalType: timestamp }") + $"    customProperties: [{{ property: {property} }}]\n"), e => e.EndsWith(message, StringComparison.Ordinal) || e.Contains(message, StringComparison.Ordinal));

    /// <summary>A scan is in the order of _id, and rows are removed as gone in the order of the key: they must be one and the same.</summary>
    [Theory]
    [InlineData("- { name: email, logicalType: string, primaryKey: true }")]
    [InlineData("- { name: _id, logicalType: string, physicalType: binData, primaryKey: true, customProperties: [{ property: column, value: id }] }")]
    [InlineData("- { name: _id, logicalType: string, primaryKey: true, customProperties: [{ property: column, value: id }, { property: acceptedTypes, value: [string, objectId] }] }")]
    [InlineData("- { name: _id, logicalType: string, physicalType: uuid, primaryKey: true, customProperties: [{ property: column, value: id }, { property: uuidOrder, value: python }] }")]
    [InlineData("- { name: _id, logicalType: number, primaryKey: true, customProperties: [{ property: column, value: id }] }")]
    public void Is_refused_when_its_key_does_not_sort_as_the_source_does(string key) => Assert.Contains(
        ContractText.Errors(ContractText.Of().Replace(ContractText.Id, key)), e => e.Contains("in the order of _id", StringComparison.Ordinal));

    [Fact]
    public void Never_throws_anything_but_its_errors()
    {
        var random = new Random(7);
        var text = File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "Pipelines", "community", ContractReader.FileName));
        string[] pieces = ["{", "}", "[", "]", ":", "- ", "\n", "  ", "'", "\"", "|", ">", "!!int ", "~", "1e999", "\0", "\t", "? ", "%", "@", "99999999999999999999"];
        string folder = Scratch.Folder("contract");
        for (int i = 0; i < 150; i++)
        {
            var bytes = text.ToList();
            for (int edits = random.Next(1, 4); edits > 0; edits--)
            {
                int at = random.Next(bytes.Count - 200);
                if (random.Next(2) == 0)
                    bytes.RemoveRange(at, random.Next(1, 200));
                bytes.InsertRange(at, Encoding.UTF8.GetBytes(pieces[random.Next(pieces.Length)]));
            }
            File.WriteAllBytes(Path.Combine(folder, ContractReader.FileName), [.. bytes]);
            if (Record.Exception(() => ContractReader.Read(folder)) is { } thrown)
                Assert.True(thrown is UsageException, $"edit {i}: {thrown}");
        }
        Directory.Delete(folder, recursive: true);
    }
}
