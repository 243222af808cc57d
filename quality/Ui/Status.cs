namespace Quality.Ui;

/// <summary>How something stands. Always shown by colour, mark and word together, never by colour alone.</summary>
public enum Status { Good, Warn, Bad, Idle }
