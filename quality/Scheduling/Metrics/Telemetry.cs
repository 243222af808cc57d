using OpenTelemetry;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Quality.Scheduling.Metrics;

/// <summary>Hands the metrics on: to a collector by OTLP, where the usual variable names one, and to Prometheus, where somebody asks.</summary>
internal sealed class Telemetry : IDisposable
{
    const string OtlpEndpoint = "OTEL_EXPORTER_OTLP_ENDPOINT";

    /// <summary>A collector that is gone does not keep a command from ending.</summary>
    static readonly TimeSpan Patience = TimeSpan.FromSeconds(5);

    readonly MeterProvider? provider;

    /// <param name="meterName">Whose instruments are read.</param>
    /// <param name="prometheus">Null: nobody asks.</param>
    public Telemetry(string meterName, PrometheusText? prometheus)
    {
        bool otlp = Environment.GetEnvironmentVariable(OtlpEndpoint) is { Length: > 0 };
        if (!otlp && prometheus is null)
            return;
        var builder = Sdk.CreateMeterProviderBuilder().AddMeter(meterName).ConfigureResource(r => r.AddService("quality"));
        if (prometheus is not null)
            builder.AddReader(new BaseExportingMetricReader(prometheus) { TemporalityPreference = MetricReaderTemporalityPreference.Cumulative });
        if (otlp)
            builder.AddOtlpExporter();
        provider = builder.Build();
    }

    public void Dispose()
    {
        provider?.Shutdown((int)Patience.TotalMilliseconds);
        provider?.Dispose();
    }
}
