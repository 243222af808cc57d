namespace Etl.Sources.Files;

/// <summary>Why a name in a folder gives no bytes.</summary>
internal enum FileProblem
{
    None,

    /// <summary>It was there when the folder was listed.</summary>
    Vanished,

    /// <summary>The file is there; we may not read it.</summary>
    Denied,

    /// <summary>A symbolic link: it may lead anywhere.</summary>
    Link,

    /// <summary>A pipe, a socket, a device, a folder.</summary>
    NotAFile,
}
