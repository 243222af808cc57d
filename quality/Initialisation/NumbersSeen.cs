using Etl.Documents;

namespace Quality.Initialisation;

/// <summary>The numbers of one field: whether they are whole, and how far they reach.</summary>
internal sealed class NumbersSeen
{
    const double LeastLong = long.MinValue, BeyondLong = 9_223_372_036_854_775_808.0;

    /// <summary>Whether every number so far is a whole one that 64 bits hold. Decimals are not looked into: they are not taken for whole.</summary>
    public bool AllWhole { get; private set; } = true;

    public double Least { get; private set; } = double.PositiveInfinity;

    public double Greatest { get; private set; } = double.NegativeInfinity;

    /// <summary>Whether <see cref="Least"/> and <see cref="Greatest"/> speak of all of them.</summary>
    public bool HasRange { get; private set; } = true;

    public void Add(in BsonReader value)
    {
        switch (value.Type)
        {
            case BsonType.Int32:
                Add(value.Int32);
                break;
            case BsonType.Int64:
                Add(value.Int64);
                break;
            case BsonType.Double:
                double number = value.Double;
                AllWhole &= Math.Floor(number) == number && number is >= LeastLong and < BeyondLong;
                if (double.IsFinite(number))
                    Add(number);
                else
                    HasRange = false;
                break;
            default:
                (AllWhole, HasRange) = (false, false);
                break;
        }
    }

    void Add(double number) => (Least, Greatest) = (Math.Min(Least, number), Math.Max(Greatest, number));
}
