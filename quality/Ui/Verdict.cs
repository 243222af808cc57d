using System.Text.Json.Serialization;

namespace Quality.Ui;

/// <summary>Ordered so that the worst is the greatest: Mismatched over Unknown over Reconciled.</summary>
[JsonConverter(typeof(VerdictJson))]
public enum Verdict { Reconciled, Unknown, Mismatched }
