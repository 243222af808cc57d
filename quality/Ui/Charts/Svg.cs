using System.Globalization;

namespace Quality.Ui.Charts;

/// <summary>Numbers, scales and paths of the charts. Culture-proof: an SVG with decimal commas draws nothing.</summary>
static class Svg
{
    public static string F(double value) => Math.Round(value, 2).ToString("0.##", CultureInfo.InvariantCulture);

    /// <summary>Round steps from zero to at least the maximum.</summary>
    public static double[] Ticks(double max, int target = 4)
    {
        if (!(max > 0) || double.IsInfinity(max)) return [0, 1];
        var raw = max / target;
        var magnitude = Math.Pow(10, Math.Floor(Math.Log10(raw)));
        var step = magnitude * (raw / magnitude) switch { <= 1 => 1, <= 2 => 2, <= 2.5 => 2.5, <= 5 => 5, _ => 10 };
        return [.. Enumerable.Range(0, (int)Math.Ceiling(max / step - 1e-9) + 1).Select(i => i * step)];
    }

    public static string Line(IEnumerable<(double X, double Y)> points) =>
        string.Join(' ', points.Select((p, i) => $"{(i == 0 ? 'M' : 'L')}{F(p.X)} {F(p.Y)}"));

    /// <summary>A piece of a ring, from and to in turns. Not the whole: an arc that ends where it began is drawn as nothing.</summary>
    public static string Ring(double centre, double outer, double inner, double from, double to)
    {
        (double X, double Y) At(double radius, double turn) =>
            (centre + radius * Math.Sin(turn * 2 * Math.PI), centre - radius * Math.Cos(turn * 2 * Math.PI));
        var (a, b, c, d) = (At(outer, from), At(outer, to), At(inner, to), At(inner, from));
        var big = to - from > 0.5 ? 1 : 0;
        return $"M{F(a.X)} {F(a.Y)}A{F(outer)} {F(outer)} 0 {big} 1 {F(b.X)} {F(b.Y)}L{F(c.X)} {F(c.Y)}A{F(inner)} {F(inner)} 0 {big} 0 {F(d.X)} {F(d.Y)}Z";
    }
}
