using System.Globalization;
using Etl.Contracts;
using Etl.Documents;
using Etl.Flattening;
using Etl.Tests.Contracts;
using Etl.Validation;
using FsCheck;
using FsCheck.Fluent;

namespace Etl.Tests.Flattening;

/// <summary>Timestamps written as texts or numbers, to the microsecond.</summary>
public sealed class A_time_that_is_no_date
{
    static Dataset Of(string properties, string options = "") =>
        ContractText.Read(ContractText.Of($"- {{ name: v, logicalType: timestamp, customProperties: [{properties}]{options} }}")).Datasets[0];

    static string Format(string format, string zone = "UTC") => $"{{ property: dateFormat, value: \"{format}\" }}, {{ property: zone, value: {zone} }}";

    /// <summary>What the column holds, or the rule that refuses it.</summary>
    static string Loaded(Dataset dataset, Action<BsonWriter> write)
    {
        var flattener = new Flattener(dataset);
        byte[] document = Bson.Make(w => write(w.Write("_id", 1)));
        var refusal = flattener.Flatten(document);
        var explained = new DocumentValidator(dataset).Explain(document);
        Assert.Equal(refusal?.Rule, explained.FirstOrDefault()?.Rule);
        if (refusal is { } why)
            return why.Rule;
        var field = flattener.Row(0)[8..];
        if (System.Buffers.Binary.BinaryPrimitives.ReadInt32BigEndian(field) < 0)
            return "∅";
        long microseconds = System.Buffers.Binary.BinaryPrimitives.ReadInt64BigEndian(field[4..]);
        return new DateTime(2000, 1, 1).AddTicks(microseconds * 10).ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
    }

    [Theory]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-02-29 23:59:59", "2024-02-29 23:59:59.000000")]
    [InlineData("yyyy-MM-dd HH:mm:ss.ffffff", "2020-12-05 10:20:30.000001", "2020-12-05 10:20:30.000001")]
    [InlineData("yyyy-MM-dd HH:mm:ss.FFFFFF", "2020-12-05 10:20:30.5", "2020-12-05 10:20:30.500000")]
    [InlineData("yyyy-MM-dd HH:mm:ss.FFFFFF", "2020-12-05 10:20:30.", "2020-12-05 10:20:30.000000")]
    [InlineData("yyyy-MM-dd", "0001-01-01", "0001-01-01 00:00:00.000000")]
    [InlineData("dd/MM/yyyy HH:mm", "31/12/1999 23:59", "1999-12-31 23:59:00.000000")]
    [InlineData("yyyyMMdd", "20240131", "2024-01-31 00:00:00.000000")]
    [InlineData("yyyy-MM-ddTHH:mm:ssZ", "2024-01-31T01:02:03Z", "2024-01-31 01:02:03.000000")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2023-02-29 00:00:00", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-13-01 00:00:00", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-01-01 24:00:00", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-01-01 00:00:60", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-1-01 00:00:00", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-01-01T00:00:00", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-01-01 00:00:00 ", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "2024-01-01", "time")]
    [InlineData("yyyy-MM-dd HH:mm:ss", "", "time")]
    [InlineData("yyyy-MM-dd", "٢٠٢٤-01-01", "time")]
    public void Is_read_as_a_text(string format, string value, string expected) => Assert.Equal(expected, Loaded(Of(Format(format)), w => w.Write("v", value)));

    [Theory]
    [InlineData("Europe/Berlin", "2024-07-01 12:00:00", "2024-07-01 10:00:00.000000")]
    [InlineData("Europe/Berlin", "2024-01-01 00:30:00", "2023-12-31 23:30:00.000000")]
    [InlineData("Europe/Berlin", "2024-03-31 02:30:00", "time")] // the clock goes from 2 to 3
    [InlineData("Europe/Berlin", "2024-10-27 02:30:00", "2024-10-27 01:30:00.000000")] // stands twice: the later one, winter time
    public void Is_read_in_its_zone(string zone, string value, string expected) => Assert.Equal(expected, Loaded(Of(Format("yyyy-MM-dd HH:mm:ss", zone)), w => w.Write("v", value)));

    [Theory]
    [InlineData("2024-01-31T01:02:03+02:00", "2024-01-30 23:02:03.000000")]
    [InlineData("2024-01-31T01:02:03-05:30", "2024-01-31 06:32:03.000000")]
    [InlineData("2024-01-31T01:02:03Z", "2024-01-31 01:02:03.000000")]
    [InlineData("2024-01-31T01:02:03", "time")]
    [InlineData("2024-01-31T01:02:03+99:00", "time")]
    public void Is_read_with_its_own_offset(string value, string expected) =>
        Assert.Equal(expected, Loaded(Of("{ property: dateFormat, value: \"yyyy-MM-ddTHH:mm:ssK\" }"), w => w.Write("v", value)));

    [Theory]
    [InlineData("s", 0, "1970-01-01 00:00:00.000000")]
    [InlineData("s", -1, "1969-12-31 23:59:59.000000")]
    [InlineData("ms", 1_607_163_630_123, "2020-12-05 10:20:30.123000")]
    [InlineData("us", 1_607_163_630_123_456, "2020-12-05 10:20:30.123456")]
    [InlineData("s", long.MaxValue, "range")]
    [InlineData("us", long.MinValue, "range")]
    [InlineData("s", 9_223_371_331_200 + 946_684_800, "range")]
    public void Is_read_as_a_number_since_1970(string unit, long value, string expected) =>
        Assert.Equal(expected, Loaded(Of($"{{ property: epoch, value: {unit} }}"), w => w.Write("v", value)));

    [Fact]
    public void Is_nothing_where_it_is_missing_and_refused_where_it_is_another_type()
    {
        var epoch = Of("{ property: epoch, value: ms }");
        Assert.Equal("∅", Loaded(epoch, _ => { }));
        Assert.Equal("type", Loaded(epoch, w => w.Write("v", "1607163630123")));
        Assert.Equal("type", Loaded(epoch, w => w.WriteDateTime("v", 0)));
        Assert.Equal("exact", Loaded(epoch, w => w.Write("v", 1.5)));
        Assert.Equal("1970-01-01 00:00:01.000000", Loaded(epoch, w => w.Write("v", 1000.0)));
        var text = Of(Format("yyyy-MM-dd"));
        Assert.Equal("∅", Loaded(text, w => w.WriteNull("v")));
        Assert.Equal("type", Loaded(text, w => w.Write("v", 20240131)));
    }

    [Fact]
    public void Has_bounds_as_dates_have()
    {
        var bounded = Of(Format("yyyy-MM-dd HH:mm:ss.FFFFFF"), ", logicalTypeOptions: { minimum: 2020-01-01, maximum: 2020-12-31 }");
        Assert.Equal("2020-01-01 00:00:00.000000", Loaded(bounded, w => w.Write("v", "2020-01-01 00:00:00.0")));
        Assert.Equal("minimum", Loaded(bounded, w => w.Write("v", "2019-12-31 23:59:59.999999")));
        Assert.Equal("maximum", Loaded(bounded, w => w.Write("v", "2020-12-31 00:00:00.000001")));
    }

    [Fact]
    public void May_have_one_of_several_forms()
    {
        var either = Of("{ property: dateFormat, value: [\"yyyy-MM-dd\", \"yyyy-MM-dd HH:mm:ss\"] }, { property: zone, value: UTC }, { property: trim, value: true }");
        Assert.Equal("2024-01-31 00:00:00.000000", Loaded(either, w => w.Write("v", "2024-01-31")));
        Assert.Equal("2024-01-31 01:02:03.000000", Loaded(either, w => w.Write("v", " 2024-01-31 01:02:03 ")));
    }

    [Fact]
    public void Comes_back_as_any_moment_that_was_written()
    {
        var dataset = Of(Format("yyyy-MM-dd HH:mm:ss.ffffff"));
        var times = from day in Gen.Choose(0, (int)(DateTime.MaxValue - DateTime.MinValue).TotalDays)
                    from second in Gen.Choose(0, 86_399)
                    from microsecond in Gen.Choose(0, 999_999)
                    select DateTime.MinValue.AddDays(day).AddSeconds(second).AddTicks(microsecond * 10L);
        Check.One(Config.QuickThrowOnFailure.WithMaxTest(300), Prop.ForAll(times.ToArbitrary(), time =>
        {
            string text = time.ToString("yyyy-MM-dd HH:mm:ss.ffffff", CultureInfo.InvariantCulture);
            Assert.Equal(text, Loaded(dataset, w => w.Write("v", text)));
        }));
    }
}
