namespace Chaos.MongoEmulator.Storage;

/// <summary>Another process serves this data folder. <see cref="MongoServer"/> gives it as the cause of its UnavailableException.</summary>
public sealed class DataFolderInUseException(string path, Exception cause)
    : Exception($"The data folder {path} is in use by another process. Stop it, or choose another folder with --data.", cause);
