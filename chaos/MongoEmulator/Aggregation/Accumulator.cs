using Chaos.MongoEmulator.Commands;
using Chaos.MongoEmulator.Values;
using Etl.Documents;

namespace Chaos.MongoEmulator.Aggregation;

/// <summary>Gathers one value of a group.</summary>
abstract class Accumulator
{
    public abstract void Add(in BsonValue value);
    public abstract BsonValue Result { get; }

    /// <exception cref="CommandException">Location15952: no such operator here.</exception>
    public static Func<Accumulator> Named(string name) => name switch
    {
        "$sum" or "$count" => () => new Sum(),
        "$avg" => () => new Average(),
        "$min" => () => new Extreme(-1),
        "$max" => () => new Extreme(1),
        "$first" => () => new First(),
        "$last" => () => new Last(),
        "$push" => () => new Push(),
        "$addToSet" => () => new Set(),
        _ => throw new CommandException(ErrorCode.UnknownGroupOperator, $"unknown group operator '{name}'"),
    };

    /// <summary>Numbers only; whole numbers that overflow a long go on as a double.</summary>
    sealed class Sum : Accumulator
    {
        BsonValue sum = BsonValue.Of(0);

        public override BsonValue Result => sum;

        public override void Add(in BsonValue value)
        {
            if (value.IsNumber)
                sum = Arithmetic.Add(sum, value) ?? BsonValue.Of(Arithmetic.ToDouble(sum) + Arithmetic.ToDouble(value));
        }
    }

    sealed class Average : Accumulator
    {
        readonly Sum sum = new();
        long count;

        public override BsonValue Result => count == 0 ? BsonValue.Null
            : sum.Result.Type == BsonType.Decimal128 ? BsonValue.Of(Arithmetic.Divide(new Decimal128(sum.Result.Span), count))
            : BsonValue.Of(Arithmetic.ToDouble(sum.Result) / count);

        public override void Add(in BsonValue value)
        {
            if (!value.IsNumber)
                return;
            sum.Add(value);
            count++;
        }
    }

    /// <summary>Least or greatest in BSON order; null and nothing do not count.</summary>
    sealed class Extreme(int sign) : Accumulator
    {
        BsonValue best = BsonValue.Null;

        public override BsonValue Result => best;

        public override void Add(in BsonValue value)
        {
            if (value.Type is BsonType.EndOfDocument or BsonType.Null or BsonType.Undefined)
                return;
            if (best.Type == BsonType.Null || BsonOrder.Compare(value, best) * sign > 0)
                best = value;
        }
    }

    sealed class First : Accumulator
    {
        BsonValue? first;

        public override BsonValue Result => first ?? BsonValue.Null;

        public override void Add(in BsonValue value) => first ??= value.IsMissing ? BsonValue.Null : value;
    }

    sealed class Last : Accumulator
    {
        BsonValue last = BsonValue.Null;

        public override BsonValue Result => last;

        public override void Add(in BsonValue value) => last = value.IsMissing ? BsonValue.Null : value;
    }

    /// <summary>In the order of their coming; mongod promises none.</summary>
    sealed class Set : Accumulator
    {
        readonly Push push = new();
        readonly HashSet<BsonValue> seen = new(BsonEquality.Instance);

        public override BsonValue Result => push.Result;

        public override void Add(in BsonValue value)
        {
            if (!value.IsMissing && seen.Add(value))
                push.Add(value);
        }
    }

    sealed class Push : Accumulator
    {
        readonly Updates.Node array = Updates.Node.NewArray();

        public override BsonValue Result => array.Value;

        public override void Add(in BsonValue value)
        {
            if (!value.IsMissing)
                array.Fields.Add(("", new Updates.Node(value)));
        }
    }
}
